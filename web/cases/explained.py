"""Why a deadline is what it is, and the case on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import acts as log
from hotline import city, db, files, people
from hotline.errors import not_found
from hotline.permissions import may
from sla import calendar, explain, history, pausing, targets
from web import units, why_date
from web.access import Who
from web.cases import attachments, deadlines, story
from web.cases.page import facts
from web.cases_access import view_for
from web.render import render

NEEDS = "case.read"
AnyRequest = Request[Any, Any, Any]


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
    acts = await _named(history.read(row.history))
    ground = why_date.ground_of(view.case.law, row)
    return render(
        request, "cases/why.html", case=view.case, title=view.title, row=row, left=deadlines.left(row),
        headline=explain.headline(working, promise), sentence=explain.explain(working, promise, acts, ground),
        stage=targets.STAGES[row.stage], law=ground.law,
        profile=targets.PROFILES[row.profile].name, unit=units.name(city.current(), row.unit) if row.unit else None,
        may_see_profile=may(actor, "promise.edit"), **why_date.drawn(working, promise, acts),
    )  # fmt: skip


async def _named(found: list[history.Act]) -> list[history.Act]:
    """The acts with the names of those who agreed instead of their ids."""
    ids = {UUID(act.by) for act in found if isinstance(act, history.Extension) and _is_id(act.by)}
    names = await people.names(ids) if ids else {}
    return [
        msgspec.structs.replace(act, by=names.get(UUID(act.by), "")) if isinstance(act, history.Extension)
        and _is_id(act.by) else act
        for act in found
    ]  # fmt: skip


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@get("/cases/{number:str}/print", opt={"needs": NEEDS})
async def on_paper(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The case for printing: who printed it and when across the page, and noted in the log of acts."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        beside = await deadlines.beside(connection, view, actor)
        attached = await files.of_case(connection, view.case.id)
    async with db.atomic() as connection:
        await log.note(connection, actor, "case_printed", f"case:{view.case.number}")
    return render(
        request, "cases/paper.html", view=view, case=view.case, deadlines=deadlines.shown(view, beside.clocks),
        items=story.timeline(view, (), "people"), attached=attachments.visible(view, actor, attached), **facts(view),
    )  # fmt: skip


ROUTES = [why, on_paper]
