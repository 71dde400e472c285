"""检查一段文字: what the redaction finds in a text that somebody pastes. Nothing of it is kept or noted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from cases import gate, redaction
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import SIGNED_IN
from web import forms
from web.access import Who
from web.forms import label
from web.notices.drafts import KINDS, demand_room
from web.render import render

_Request = Request[Any, Any, Any]


class Check(msgspec.Struct):
    """A text to look through."""

    text: Annotated[
        str,
        label(
            "要检查的文字", "Text to check", most=gate.LONGEST,
            missing=Say("还没有文字，请贴一段进来。", "There is no text yet; paste one."),
        ),
    ]  # fmt: skip


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text; ``kind`` is "" where nothing was found."""

    text: str
    kind: str = ""


@get("/notices/drafts/check", opt={"needs": SIGNED_IN})
async def blank(request: _Request, actor: Who) -> Response[str]:
    """The empty form."""
    return _page(request, actor, forms.blank(Check, {}))


@post("/notices/drafts/check", opt={"needs": SIGNED_IN}, status_code=200)
async def check(request: _Request, actor: Who) -> Response[str]:
    """The text again with its finds marked, and as it would read without them."""
    demand_room(actor)
    form = await forms.read(request, Check)
    if not form.is_good:
        return _page(request, actor, form, status=422)
    text = form.good.text
    try:
        found = await asyncio.to_thread(gate.finds, {"text": text}, gate.Known())
    except Refusal as refusal:
        form.take(refusal)
        return _page(request, actor, form, status=refusal.status)
    return _page(request, actor, form, text=text, found=found)


def _page(
    request: _Request,
    actor: Actor,
    form: forms.Form[Check],
    *,
    text: str = "",
    found: Sequence[gate.Found] | None = None,
    status: int = 200,
) -> Response[str]:
    demand_room(actor)
    plain = [redaction.Find(one.start, one.end, one.kind, one.text) for one in found or ()]
    return render(
        request, "notices/check.html", region="#r-check", status=status, focus="#r-errors" if status != 200 else "",
        form=form, kinds=KINDS, found=found, pieces=list(_pieces(text, plain)), redacted=redaction.redact(text, plain),
    )  # fmt: skip


def _pieces(text: str, found: Sequence[redaction.Find]) -> Iterator[Piece]:
    done = 0
    for one in found:
        yield Piece(text[done : one.start])
        yield Piece(one.text, one.kind)
        done = one.end
    yield Piece(text[done:])


ROUTES = [blank, check]
