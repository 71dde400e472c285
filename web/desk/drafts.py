"""Drafts of the call form: opened from the ring on, saved while somebody types, taken over from another window."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from hotline import unfinished
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.unfinished import Draft, Receipt
from web import fields, forms
from web.access import Who
from web.desk import sources
from web.desk.call import Call
from web.floor import seat
from web.render import render, see_other

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]
Typed = Mapping[str, Sequence[str]]
TOLD = frozenset({"words", "phone", "name", "place", "matter_q"})
"""What makes a draft worth keeping; a form with none of these is as it came."""
_MOST = 2**31 - 1
_SETTLED = Say("这一通已经登记过，编号在下面。", "This call is logged already; here is its number.")


def id_of(text: str) -> UUID | None:
    """A draft's or call's id in an address or a form, None for anything else."""
    with contextlib.suppress(ValueError):
        return UUID(text)
    return None


def first(posted: Typed, name: str) -> str:
    """The first value of a posted field, "" without one."""
    return (posted.get(name) or [""])[0]


def counted(posted: Typed, name: str) -> int | None:
    """The number that a page counts in this field, None where it has none."""
    text = first(posted, name)
    return min(int(text), _MOST) if text.isascii() and text.isdigit() else None


def of_form(posted: Typed) -> dict[str, list[str]]:
    """The fields that a draft keeps."""
    return {name: list(texts) for name, texts in posted.items() if name in Call.__struct_fields__ and any(texts)}


async def started(actor: Actor, asked: Mapping[str, str]) -> tuple[Draft | Receipt | None, dict[str, list[str]]]:
    """The draft or receipt that an address names by ``draft``, ``call`` or ``chat``; and what a new form begins with.

    A call has one draft, made here at its ring; 404 for a call that is not the actor's.
    """
    call, draft = id_of(asked.get("call", "")), id_of(asked.get("draft", ""))
    known = await unfinished.found(actor, draft=draft, call=call)
    if isinstance(known, Receipt):
        return known, {}
    if chat := id_of(asked.get("chat", "")):
        return await sources.of_chat(actor, chat)
    if known is None and call is not None:
        known = await unfinished.begin(actor, call, await seat.desk_start(actor, call))
    return known, {"call": [str(call)]} if call else {"draft": [str(draft)]} if draft else {}


def to_receipt(request: AnyRequest, known: Receipt) -> Response[str]:
    """To the receipt of what was settled before, with a sentence."""
    return see_other(request, known.path or f"/desk/receipts/{known.number}", flash=_SETTLED)


@post("/desk/drafts", opt={"needs": NEEDS}, status_code=200)
async def save(request: AnyRequest, actor: Who) -> Response[str]:
    """Keep what is typed; the page's address names the draft from then on, so that a reload brings it back.

    ``take`` says that this window goes on, whatever another one wrote. 409 with both ways out when another one writes.
    """
    posted = await fields.posted(request)
    draft = id_of(first(posted, "draft"))
    if draft is None:
        raise not_found()
    known, window = of_form(posted), first(posted, "window")
    if not TOLD & known.keys():
        return _told(request, posted, None)
    version, base = counted(posted, "version"), counted(posted, "base")
    if first(posted, "take"):
        base = await unfinished.take(actor, draft, window)
        version = 1 + base
    call = id_of(first(posted, "call"))
    try:
        saved = await unfinished.save(actor, draft, known, window=window, version=version, base=base, call=call)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        return _told(request, posted, None, status=409, conflict=refusal.say)
    return _told(request, posted, saved)


def _told(
    request: AnyRequest, posted: dict[str, list[str]], saved: Draft | None, *, status: int = 200,
    conflict: Say | None = None,
) -> Response[str]:  # fmt: skip
    headers = {}
    if saved is not None and not first(posted, "call"):
        headers["HX-Replace-Url"] = f"/desk?draft={saved.id}"
    return render(
        request, "desk/call.html", region="#r-draft", status=status, form=forms.typed(Call, posted), saved=None,
        saved_at=saved.updated_at if saved else None, saved_version=saved.version if saved else 0, conflict=conflict,
        headers=headers,
    )  # fmt: skip


@post("/desk/drafts/{draft:uuid}/holder", opt={"needs": NEEDS}, status_code=200)
async def take(request: AnyRequest, actor: Who, draft: FromPath[UUID]) -> Response[str]:
    """接管: what the other window saved comes here, and it may save no more."""
    await unfinished.take(actor, draft)
    return see_other(request, f"/desk?draft={draft}")


@post("/desk/drafts/{draft:uuid}/leaving", opt={"needs": NEEDS}, status_code=204)
async def leave(request: AnyRequest, actor: Who, draft: FromPath[UUID]) -> None:
    """The window that wrote it is closed; told by a beacon, so nobody reads an answer."""
    if window := first(await fields.posted(request), "window"):
        await unfinished.leave(actor, draft, window)


@post("/desk/drafts/{draft:uuid}/removal", opt={"needs": NEEDS}, status_code=200)
async def drop(request: AnyRequest, actor: Who, draft: FromPath[UUID]) -> Response[str]:
    """Throw an unfinished call away."""
    await unfinished.drop(actor, draft)
    return see_other(request, "/desk", flash=Say("草稿已删除。", "The draft is gone."))


ROUTES = [save, take, leave, drop]
