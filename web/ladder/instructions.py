"""Leaders' instructions with their reports: a leader's own, the office's, a unit's (seed 002-04)."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import ladder_instructions, ladder_lists
from web import forms
from web.access import Who
from web.forms import Form
from web.ladder.asks import Report
from web.ladder.shared import GIVES, HOLDS, AnyRequest, common, demand, done
from web.render import render

TABS = {"open": Say("待报告", "To report"), "over": Say("已报告", "Reported")}


@get("/ladder/instructions", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Instructions within reach, nearest report first; a leader's own page lists those that they gave."""
    return await _index(request, actor)


async def _index(
    request: AnyRequest, actor: Actor, *, chosen: str = "", form: Form[Report] | None = None, status: int = 200
) -> Response[str]:
    state = "over" if request.query_params.get("state") == "over" else "open"
    is_mine = may(actor, "case.instruct") and not may(actor, HOLDS)
    async with db.reading() as connection:
        rows = await ladder_lists.instructions(connection, actor, is_mine=is_mine, state=state)
    return render(
        request,
        "ladder/instructions.html",
        region="#r-list",
        status=status,
        rows=rows,
        state=state,
        is_mine=is_mine,
        states=TABS,
        chosen=chosen or request.query_params.get("report", ""),
        form=form or forms.blank(Report),
        may_report=lambda row: _may_report(actor, row.unit),
        at=clock.now(),
        **common(actor, "/ladder/instructions"),
    )


def _may_report(actor: Actor, unit: str) -> bool:
    """The unit that owes it, or the centre for its own."""
    return (may(actor, "case.handle") and unit in actor.units) or (not unit and may(actor, GIVES))


@post("/ladder/instructions/{instruction:uuid}/report", opt={"needs": SIGNED_IN}, status_code=200)
async def report(request: AnyRequest, actor: Who, instruction: FromPath[UUID]) -> Response[str]:
    """书面报告 by the unit that owes it."""
    demand(actor, "case.handle", GIVES)
    form = await forms.read(request, Report)
    units = (*actor.units, *(("",) if may(actor, GIVES) else ()))

    async def do(w: Work, given: Report) -> object:
        return await ladder_instructions.report(w, instruction, text=given.report, units=units)

    return await done(
        request,
        actor,
        form,
        do,
        to="/ladder/instructions?state=over",
        said=Say("报告已送领导。", "The report is with the leader."),
        again=lambda status: _index(request, actor, chosen=str(instruction), form=form, status=status),
    )


ROUTES = [index, report]
