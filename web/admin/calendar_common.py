"""What the calendar's pages share: whose calendar, the calendar as it would be, what that moves, and their tabs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from litestar import Request

from hotline import city, jobs
from hotline.city import CalendarDays, Day
from hotline.city_nouns import LocalDays
from hotline.errors import Say, not_found
from sla import calendar, moves
from sla.hours import read_hours
from sla.recompute import CalendarOf
from web import units
from web.admin import changes

TABS = (
    ("/admin/calendar", Say("放假和调休", "Holidays")),
    ("/admin/calendar/hours", Say("上班时间", "Working hours")),
    ("/admin/calendar/import", Say("导入一年的安排", "Import a year")),
)


def where_of(request: Request[Any, Any, Any]) -> str:
    """Whose calendar is looked at: a county's code, empty for the city's. 404 for a county there is not."""
    return known_where(request.query_params.get("where", ""))


def known_where(where: str) -> str:
    """The county's code as it stands, empty for the city. 404 for one there is not."""
    if where and where not in city.current().jurisdictions:
        raise not_found()
    return where


def places() -> dict[str, Say]:
    """Whose calendars there may be: the city's, and each county's of today."""
    counties = {code: one.name for code, one in sorted(city.current().jurisdictions.items())}
    return {"": Say("全市", "The whole city"), **counties}


def own_places() -> list[str]:
    """The counties that have something of their own today."""
    return sorted(city.current().calendar.local)


def unit_name(code: str) -> Say:
    """A unit, or the centre for none."""
    return units.name(city.current(), code) if code else Say("中心", "The centre")


def name_of(where: str) -> Say:
    """The city or the county."""
    return places().get(where, Say(where, where))


def by(data: CalendarDays) -> CalendarOf:
    """The calendar of each unit as it would be with these data."""
    snapshot = city.current()
    book = calendar.Book(data, read_hours(str(snapshot.rule("hours.working"))))
    known: dict[str, str] = {}

    def of_unit(unit: str) -> calendar.Calendar:
        if not data.local:
            return book.of()
        if unit not in known:
            known[unit] = calendar.jurisdiction_of(snapshot, unit) if unit else ""
        return book.of(known[unit])

    return of_unit


def with_days(where: str, days: Mapping[date, Day | None]) -> CalendarDays:
    """Today's calendar with these days changed, of the city or of a county; None: as the days around."""
    data = city.current().calendar
    if not where:
        return msgspec.structs.replace(data, days=_laid(data.days, days))
    local = data.local.get(where, LocalDays({}))
    return _with_local(data, where, msgspec.structs.replace(local, days=_laid(local.days, days)))


def with_hours(where: str, valid_from: date, hours: str | None) -> CalendarDays:
    """Today's calendar with other hours from a day on; None takes those back that begin on the day."""
    data = city.current().calendar
    old = data.local.get(where, LocalDays({})).hours if where else data.hours
    turns = [turn for turn in old if turn[0] != valid_from]
    if hours is not None:
        turns.append((valid_from, hours))
    fresh = tuple(sorted(turns))
    if not where:
        return msgspec.structs.replace(data, hours=fresh)
    local = data.local.get(where, LocalDays({}))
    return _with_local(data, where, msgspec.structs.replace(local, hours=fresh))


def _laid(old: Mapping[date, Day], days: Mapping[date, Day | None]) -> dict[date, Day]:
    merged: dict[date, Day | None] = {**old, **days}
    return {day: what for day, what in merged.items() if what is not None}


def _with_local(data: CalendarDays, where: str, local: LocalDays) -> CalendarDays:
    return msgspec.structs.replace(data, local={**data.local, where: local})


async def after() -> None:
    """This process reads the city anew, the worker reckons."""
    await changes.renew()
    await jobs.nudge("recompute_clocks", once="recompute_clocks")


def told(effect: moves.Effect) -> list[Say]:
    """What would move, in sentences."""
    if not effect.moved and not effect.settled:
        return [Say("没有正在走的期限会变。", "No running due date would change.")]
    said = [Say(
        f"会移动 {effect.moved} 个正在走的期限：延后 {effect.later} 个，提前 {effect.earlier} 个。",
        f"{effect.moved} running due dates would move: {effect.later} later, {effect.earlier} earlier.",
    )]  # fmt: skip
    if effect.settled:
        said.append(
            Say(f"{effect.settled} 个暂定的期限会确定下来。", f"{effect.settled} provisional ones become firm.")
        )
    said.append(Say("已发过黄牌的和不分昼夜的不动。", "Those already warned of, and those around the clock, stay."))
    return said
