"""Why a deadline is what it is, and the case on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import acts, city, db, files
from hotline.errors import not_found
from sla import calendar, explain, pausing, targets
from web import units
from web.access import Who
from web.cases import attachments, deadlines, story
from web.cases.page import facts
from web.cases_access import view_for
from web.render import render

NEEDS = "case.read"
AnyRequest = Request[Any, Any, Any]
_MOST_DAYS = 62


@get("/cases/{number:str}/clocks/{clock_id:uuid}", opt={"needs": NEEDS})
async def why(request: AnyRequest, actor: Who, number: FromPath[str], clock_id: FromPath[UUID]) -> Response[str]:
    """为何: a cell a day from the start to the due day, and the sentence under it."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        beside = await deadlines.beside(connection, view, actor)
    row = deadlines.one(beside.clocks, clock_id)
    if row is None:
        raise not_found()
    working, promise = calendar.of_unit(city.current(), row.unit), pausing.promise_of(row)
    cells = explain.days(working, promise)
    return render(
        request, "cases/why.html", case=view.case, title=view.title, row=row, left=deadlines.left(row),
        headline=explain.headline(working, promise), sentence=explain.explain(working, promise),
        cells=cells[:_MOST_DAYS], is_cut=len(cells) > _MOST_DAYS, stage=targets.STAGES[row.stage],
        profile=targets.PROFILES[row.profile].name, unit=units.name(city.current(), row.unit) if row.unit else None,
    )  # fmt: skip


@get("/cases/{number:str}/print", opt={"needs": NEEDS})
async def on_paper(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The case for printing: who printed it and when across the page, and noted in the log of acts."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        beside = await deadlines.beside(connection, view, actor)
        attached = await files.of_case(connection, view.case.id)
    async with db.atomic() as connection:
        await acts.note(connection, actor, "case_printed", f"case:{view.case.number}")
    return render(
        request, "cases/paper.html", view=view, case=view.case, deadlines=deadlines.shown(view, beside.clocks),
        items=story.timeline(view, (), "people"), attached=attachments.visible(view, actor, attached), **facts(view),
    )  # fmt: skip


ROUTES = [why, on_paper]
