"""Two abreast: the case that stays, those that go into it, and what each requester keeps. Works by plain forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post

from cases import merged, merging, queries, views
from cases.views import CaseView
from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.work import work
from sla import workbench
from web import forms
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for
from web.forms import Form, label
from web.merging import sides
from web.merging.sides import Side
from web.render import render, see_other

NEEDS = "case.dispatch"
MOST = 50
_NUMBER = re.compile(r"\d{6}-\d{5}")
_Request = Request[Any, Any, Any]


class Merge(msgspec.Struct, kw_only=True):
    """并单: ``child`` is "number~seq" of each case as the page showed it, ``seq`` that of the one that stays."""

    into: Annotated[str, label("留下的一件", "The case that stays", most=20)]
    seq: int
    child: Annotated[
        tuple[str, ...],
        label(
            "并入的", "What goes into it", least=1, most=MOST, missing=Say("请至少选一件。", "Choose at least one.")
        ),
    ]
    reason: Annotated[str, label("并单理由", "Reason", most=500)] = ""


def numbers_in(text: str) -> list[str]:
    """The case numbers in what was typed or pasted, each once, in their order."""
    return list(dict.fromkeys(_NUMBER.findall(text)))


@get("/merge", opt={"needs": NEEDS})
async def show(request: _Request, actor: Who) -> Response[str]:
    """``into`` stays, ``numbers`` (any separators, 50 at most) go into it; without them a form and what is merged."""
    query = request.query_params
    into = next(iter(numbers_in(query.get("into", ""))), "")
    return await _page(request, actor, into, numbers_in(" ".join(query.getall("numbers", []))))


async def _page(
    request: _Request, actor: Actor, into: str, numbers: Sequence[str], *,
    form: Form[Merge] | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    unknown: list[str] = []
    parent: Side | None = None
    children: list[Side] = []
    async with db.reading() as connection:
        seen = {one: await _view(connection, actor, one) for one in dict.fromkeys([into, *numbers[:MOST]]) if one}
        unknown = [one for one, view in seen.items() if view is None]
        found = {one: view for one, view in seen.items() if view is not None}
        dues = await sides.dues(connection, [view.case.id for view in found.values()])
        if into in found:
            parent = sides.staying(found[into], actor, dues)
            children = [sides.going(found[into], found[one], actor, dues) for one in numbers[:MOST] if one in found]
        holding = [] if parent else await merged.listed(connection, actor)
        running = await workbench.nearest(connection, [one.id for one in holding])
    swap = (
        urlencode({"into": children[0].facts.number, "numbers": into}) if parent and len(children) == 1 else ""
    )
    status = 200 if form is None else (refusal.status if refusal is not None else 422)
    return render(
        request, "merging/show.html", region="#r-merge", status=status, focus="#r-errors" if form else "",
        into=into, numbers=numbers, unknown=unknown, too_many=len(numbers) > MOST, most=MOST,
        parent=parent, children=children, can=[one for one in children if one.refusal is None], swap=swap,
        form=form or forms.blank(Merge, {}), refusal=refusal, holding=holding,
        lines=split.lines(holding, running, actor, "/cases/", ""), live="queue",
    )  # fmt: skip


async def _view(connection: db.Connection, actor: Actor, number: str) -> CaseView | None:
    case_id = await queries.found(connection, actor, number)
    return await views.case_view(connection, actor, case_id) if case_id is not None else None


@post("/merge", opt={"needs": NEEDS}, status_code=200)
async def merge(request: _Request, actor: Who) -> Response[str]:
    """All that were chosen or none: 409 says which one may not, and why; the page comes back as it was filled."""
    form = await forms.read(request, Merge)
    chosen = [one.partition("~") for one in form.typed.get("child", [])]
    into = form.text("into")
    if not form.is_good:
        asked = numbers_in(request.query_params.get("numbers", "")) or [number for number, _, _ in chosen]
        return await _page(request, actor, into, asked, form=form)
    seqs = {number: int(seq) if seq.isdecimal() and len(seq) < 10 else None for number, _, seq in chosen}
    try:
        await _merge(actor, form.good, seqs)
    except Refusal as refusal:
        if refusal.status not in (404, 409, 422):
            raise
        return await _page(request, actor, into, list(seqs), form=form, refusal=refusal)
    n = len(seqs)
    said = Say(f"已并入 {n} 件，诉求人已通知。", f"{n} merged; the requesters are told.")
    return see_other(request, f"/cases/{into}", flash=said)


async def _merge(actor: Actor, good: Merge, seqs: dict[str, int | None]) -> None:
    wanted = {good.into: good.seq, **seqs}
    async with work(actor) as w:
        ids = {one: await queries.found(w.connection, actor, one) for one in wanted}
        if None in ids.values():
            raise not_found()
        await merging.opened(w, [one for one in ids.values() if one is not None])
        files = {one: await opened_for(w, one, seq) for one, seq in wanted.items()}
        for number in seqs:
            await merging.merge(w, files[good.into], files[number], reason=good.reason)


ROUTES = [show, merge]
