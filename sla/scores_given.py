"""Publishing a period from before the system from a sheet of figures, so that a year can be whole."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict
from hotline.work import work
from sla import scores_csv, scores_formulas, scores_frozen, scores_live, scores_sheet
from sla.scores_formula import Entry, Formula
from sla.scores_period import Period
from sla.scores_sheet import Sheet


async def is_before(connection: db.Connection, period: Period) -> bool:
    """Whether the period was over before the first case: then no figure of it can come from cases."""
    first = await connection.fetchval("SELECT min(opened_at) FROM cases")
    return period.is_over(clock.today()) and (first is None or clock.local_day(first) >= period.end)


async def publish(actor: Actor, preset: str, period: Period, text: str) -> Sheet:
    """Freeze a period by a CSV, a column an item. Published already, it stays as it is.

    422 by line and column for the sheet; 409 ``has_cases`` where the system has cases of that time,
    ``own_formula`` for who made the formula, ``year_closed`` where the year was published without it.
    """
    async with work(actor) as w:
        await scores_formulas.lock(w.connection, preset)
        before = await scores_frozen.frozen(w.connection, preset, period.text)
        if before is not None:
            return before
        if not await is_before(w.connection, period):
            raise conflict("has_cases", "这期的案件在本系统里，按案件计算，不能用填报的表。",
                           "The cases of this period are in the system: it is scored by them, not by a sheet.")
        version = await scores_formulas.in_force(w.connection, preset, period)
        if version.made_by == actor.id:
            raise conflict("own_formula", "这期用的办法是您改的，由另一位同事核定公布。",
                           "You made the formula of this period; somebody else publishes the scores.")
        await scores_frozen.demand_year_open(w.connection, preset, period)
        entries = known(version.formula, scores_csv.read(version.formula, text))
        body = scores_sheet.made(preset, period, version.version, version.formula, entries=entries, is_given=True)
        return await scores_frozen.keep(w, body, formula=version.id)


def known(formula: Formula, entries: Sequence[Entry]) -> list[Entry]:
    """The rows under the codes and names of the city's units, each in its group.

    422 for who is none of them, and for a unit that stands there twice, once by its code and once by its name.
    """
    names = {unit.name_zh: code for code, unit in city.current().units.items() if unit.tier == scores_live.OWN_TIER}
    found: list[Entry] = []
    wrong: dict[str, Say] = {}
    for one in entries:
        unit = city.current().unit(names.get(one.unit, one.unit))
        group = scores_live.group_of(formula, unit) if unit is not None else None
        if unit is None or group is None or unit.tier != scores_live.OWN_TIER:
            wrong[one.unit] = Say(f"没有“{one.unit}”这个单位，或它不在考核之列。",
                                  f"“{one.unit}” is no unit, or not one that is scored.")
        elif any(other.unit == unit.code for other in found):
            wrong[one.unit] = Say(f"“{unit.name_zh}”出现两次。", f"“{unit.name_en}” stands there twice.")
        else:
            found.append(msgspec.structs.replace(
                one, unit=unit.code, name_zh=unit.name_zh, name_en=unit.name_en, group=group.code
            ))  # fmt: skip
    if wrong:
        raise Refusal(422, "figures_wrong", next(iter(wrong.values())), fields=wrong)
    return found
