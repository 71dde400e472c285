"""按抽样免访待结案: what a policy left unvisited, closed by an auditor, several at once after a preview of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from cases import demands, queries, verbs, views, visit_policy, visits
from cases.ask import Ask
from cases.events import Closed
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import refused
from hotline.work import work
from web import fields
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for
from web.render import Flash, render, see_other
from web.visits import tabs

AnyRequest = Request[Any, Any, Any]
MOST = 200


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a bulk act: what will happen or has happened; ``why`` says why not."""

    receipt: str
    number: str
    title: Say
    policy: int | None
    why: Say | None = None


def _auditor(actor: Actor) -> None:
    if "auditor" not in actor.roles:
        raise refused("case.audit")


async def _chosen(request: AnyRequest) -> list[str]:
    posted = await fields.posted(request)
    return list(dict.fromkeys(posted.get("receipt", [])))[:MOST]


async def _line(actor: Actor, receipt: str) -> Line:
    """What closing this one would do, as the ledger says now. 404 when it is not the actor's."""
    async with db.reading() as connection:
        case_id = await queries.handling(connection, actor, receipt)
        if case_id is None:
            raise not_found()
        file = await views.read(connection, case_id)
        policy = await visit_policy.of_case(connection, case_id)
    event = Closed(reason=file.lead.result or "resolved" if file.lead else "resolved", policy=policy)
    why = None
    try:
        demands.check(Ask(file=file, event=event, texts={}, actor=actor, now=clock.now()))
    except Refusal as refusal:
        why = refusal.say
    return Line(
        receipt=receipt, number=file.case.number, title=split.title_of(file.case, actor), policy=policy, why=why
    )


@get("/visits/unvisited", opt={"needs": "case.visit"})
async def unvisited(request: AnyRequest, actor: Who) -> Response[str]:
    """The list, to choose from."""
    _auditor(actor)
    return await _page(request, actor, step="choose")


async def _page(
    request: AnyRequest, actor: Actor, *, step: str, lines: Sequence[Line] = (), status: int = 200,
    flash: Flash | None = None,
) -> Response[str]:  # fmt: skip
    async with db.reading() as connection:
        items = await visits.listed(connection, actor, "sampled", MOST) if step == "choose" else []
        above = await tabs.shown(connection, actor, "sampled")
    rows = split.lines(items, {}, actor, "/visits?band=sampled&r=", "")
    return render(
        request, "visits/unvisited.html", status=status, step=step, rows=rows, lines=lines, flash=flash,
        can=[one for one in lines if one.why is None], cannot=[one for one in lines if one.why is not None], **above,
    )  # fmt: skip


@post("/visits/unvisited/preview", opt={"needs": "case.visit"}, status_code=200)
async def preview(request: AnyRequest, actor: Who) -> Response[str]:
    """Who can be closed, who cannot and why; nothing is done yet."""
    _auditor(actor)
    chosen = await _chosen(request)
    if not chosen:
        none = Flash(Say("还没选，请勾选要结案的。", "Choose the cases to close."), "error")
        return await _page(request, actor, step="choose", status=422, flash=none)
    return await _page(request, actor, step="preview", lines=[await _line(actor, one) for one in chosen])


@post("/visits/unvisited/close", opt={"needs": "case.visit"}, status_code=200)
async def close(request: AnyRequest, actor: Who) -> Response[str]:
    """Close each in a transaction of its own, under the recorded policy; a result per case."""
    _auditor(actor)
    chosen = await _chosen(request)
    if not chosen:
        return see_other(request, "/visits/unvisited")
    done = [await _close(actor, one) for one in chosen]
    return await _page(request, actor, step="done", lines=done)


async def _close(actor: Actor, receipt: str) -> Line:
    line = await _line(actor, receipt)
    if line.why is not None:
        return line
    try:
        async with work(actor) as w:
            file = await opened_for(w, receipt, None, queries.handling)
            await verbs.close(w, file)
    except Refusal as refusal:
        return msgspec.structs.replace(line, why=refusal.say)
    return line


ROUTES = [unvisited, preview, close]
