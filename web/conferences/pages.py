"""The list of conferences, the cases that wait for one, a new one, and the meeting screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases.worklists import Item
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, invalid
from hotline.permissions import may
from hotline.work import work
from routing import agenda, conference, conferences
from routing.agenda import Candidate
from routing.conferences import HOLD
from sla import workbench
from web import forms
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for
from web.conferences import asks
from web.conferences.shown import shown
from web.forms import Form
from web.render import render, see_other

NEEDS = "case.read"
AnyRequest = Request[Any, Any, Any]


@get("/conferences", opt={"needs": NEEDS})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Conferences that one may see; for those who hold them also the cases that wait, and candidates with the reason."""
    state = request.query_params.get("state", "")
    state = state if state in conferences.STATES else ""
    waiting: Sequence[Item] = ()
    offered: Sequence[Candidate] = ()
    async with db.reading() as connection:
        rows = await conferences.listed(connection, actor, state)
        if may(actor, HOLD):
            waiting = await agenda.waiting(connection, actor)
            offered = await agenda.candidates(connection, actor)
        running = await workbench.nearest(connection, [*(one.id for one in waiting), *(o.item.id for o in offered)])
    planned = [one for one, _ in rows if one.state == conferences.PLANNED]
    lines = {line.number: line for line in split.lines(
        [*waiting, *(one.item for one in offered)], running, actor, "/cases/", "", with_unit=True
    )}  # fmt: skip
    return render(
        request, "conferences/index.html", region="#r-list", rows=rows, state=state, states=conferences.STATES,
        is_holder=may(actor, HOLD), waiting=waiting, offered=offered, planned=planned, lines=lines, live="queue",
    )  # fmt: skip


@get("/conferences/new", opt={"needs": HOLD})
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form for a new conference; ``case`` is put on its agenda at once."""
    start = {"case": request.query_params.get("case", "")[:40], "chair": actor.name}
    return _form(request, forms.blank(asks.Plan, start))


@post("/conferences/new", opt={"needs": HOLD}, status_code=200)
async def plan(request: AnyRequest, actor: Who) -> Response[str]:
    """召集会商."""
    form = await forms.read(request, asks.Plan)
    if not form.is_good:
        return _form(request, form, 422)
    try:
        made = await _plan(actor, form.good)
    except Refusal as refusal:
        if refusal.status not in (404, 409, 422):
            raise
        form.take(invalid({"case": refusal.say}) if refusal.status == 404 else refusal)
        return _form(request, form, 422 if refusal.status == 404 else refusal.status)
    said = Say("已召集会商，请排议程。", "The conference is called; put its agenda together.")
    return see_other(request, f"/conferences/{made}", flash=said)


async def _plan(actor: Actor, good: asks.Plan) -> UUID:
    if good.starts <= clock.now():
        raise invalid({"starts": Say("请选今后的时间。", "Choose a time to come.")})
    async with work(actor) as w:
        file = await opened_for(w, good.case.strip()) if good.case.strip() else None
        made = await conference.plan(w, starts=good.starts, place=good.place, chair=good.chair)
        if file is not None:
            await conference.add_case(w, made.id, file, cause="unclear")
    return made.id


def _form(request: AnyRequest, form: Form[asks.Plan], status: int = 200) -> Response[str]:
    focus = "#r-errors" if status != 200 else ""
    return render(request, "conferences/new.html", region="#r-new", status=status, focus=focus, form=form)


@get("/conferences/{identifier:uuid}", opt={"needs": NEEDS})
async def meeting(request: AnyRequest, actor: Who, identifier: FromPath[UUID]) -> Response[str]:
    """The meeting: agenda, the item ``?item=``, positions, decision, roll, end."""
    try:
        item = UUID(request.query_params.get("item", ""))
    except ValueError:
        item = None
    return await shown(request, actor, identifier, item)


ROUTES = [index, blank, plan, meeting]
