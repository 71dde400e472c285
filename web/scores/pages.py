"""The sheet of a period: places and scores of all units, with their breaches and steps of the ladder beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get

from hotline import clock, db, people
from hotline.actor import Actor
from hotline.permissions import may
from sla import (
    facts,
    records,
    scores_black,
    scores_formulas,
    scores_frozen,
    scores_given,
    scores_live,
    scores_period,
    scores_sheet,
    scores_words,
)
from sla.records import Sheet as Record
from sla.scores import Row
from sla.scores_period import Period
from sla.scores_sheet import Sheet
from web.access import Who
from web.forms import Form
from web.render import render
from web.scores import common
from web.scores.common import NEEDS, AnyRequest

COLUMNS = ("breaches", "yellow", "red", "orders", "buck_passing")


@get("/scores", opt=NEEDS)
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """One period by one formula; this month by the city's own, unless the address asks for another."""
    query = request.query_params
    found = scores_period.read(query.get("period", ""))
    period = found if found and found.first <= clock.today() else scores_period.of(clock.today(), "month")
    return await shown(request, actor, common.preset_of(request), period)


async def shown(
    request: AnyRequest, actor: Actor, preset: str, period: Period, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    """The page of a sheet; ``form`` is an act on it that came back refused."""
    async with db.reading() as connection:
        sheet = await common.sheet_of(connection, preset, period)
        now = await scores_frozen.live(connection, preset, period) if sheet.is_frozen else sheet
        beside = await _beside(connection, actor, period)
        at = await facts.as_of(connection)
        published = await scores_frozen.listed(connection, preset)
        kept = await scores_frozen.revisions(connection, preset, period.text)
        opened = await scores_black.opened(connection, sheet, kept)
        version = await scores_formulas.in_force(connection, preset, period)
        is_given = not sheet.is_frozen and await scores_given.is_before(connection, period)
    rows = [one for one in sheet.rows if common.may_see(actor, sheet, one.unit)]
    red, black = scores_sheet.red_and_black(sheet)
    may_open = may(actor, "score.freeze") and bool(kept) and bool(opened.waits) and kept[0].frozen_by != actor.id
    names = await people.names({one for one in (sheet.frozen_by, version.made_by) if one is not None})
    return render(
        request, "scores/index.html", region="#r-sheet", status=status, sheet=sheet, period=period, preset=preset,
        ranked=_ranked(sheet, rows), apart=[one for one in rows if not one.is_ranked and one.sample != 0],
        idle=[one for one in rows if not one.is_ranked and one.sample == 0], beside=beside,
        rule=scores_words.formula, columns=COLUMNS if beside else (), periods=common.periods(),
        presets=common.presets(), sheet_path=common.path, tabs=common.tabs(actor, "sheet"), as_of=at,
        red=red, black=black if common.is_centre(actor) else opened.rows, opened=opened, may_open=may_open,
        is_centre=common.is_centre(actor),
        moved=scores_sheet.moved(sheet, now) if sheet.is_frozen else {}, form=form,
        may_freeze=may(actor, "score.freeze"), is_over=period.is_over(clock.today()), names=names,
        own=common.own_unit(actor), version=version, focus="#r-errors" if status != 200 else "",
        tiers={one.code: one for one in sheet.formula.tiers}, is_month=period.kind == "month",
        is_given=is_given and period.kind != "year",
        published=[scores_frozen.period_of(one) for one in published[: common.MONTHS]],
    )  # fmt: skip


def _ranked(sheet: Sheet, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows with a rank by group; groups without any are left out."""
    found = {
        group.code: [one for one in rows if one.group == group.code and one.is_ranked] for group in sheet.formula.groups
    }
    return {code: own for code, own in found.items() if own}


async def _beside(connection: db.Connection, actor: Actor, period: Period) -> Mapping[str, Record]:
    """Breaches and steps of the ladder in the months of the period, by the unit that is scored."""
    if period.kind == "year":
        return {}
    found: dict[str, Record] = {}
    for month in period.parts("month"):
        for one in await records.sheets(connection, actor, month.text):
            if not one.unit:
                continue
            unit = scores_live.root_of(one.unit)
            before = found.setdefault(unit, Record(unit=unit))
            for name in msgspec.structs.fields(Record):
                if name.name != "unit":
                    setattr(before, name.name, getattr(before, name.name) + getattr(one, name.name))
    return found


ROUTES = [index]
