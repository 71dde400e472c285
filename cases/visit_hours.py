"""At which hours people are rung up: parts of the day, which were tried, when to try again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Protocol

from hotline import clock
from hotline.errors import Say

DAY_PARTS: dict[str, tuple[Say, float, float]] = {
    "morning": (Say("上午", "morning"), 9.0, 12.0),
    "afternoon": (Say("下午", "afternoon"), 13.5, 18.0),
    "evening": (Say("晚上", "evening"), 18.0, 20.5),
}
"""Times at which people may be rung up, in hours of the city's clock; the next try is in another part of the day."""
PROPOSED = {"morning": 10, "afternoon": 15, "evening": 19}


class Working(Protocol):
    """What is asked of a calendar."""

    def is_working(self, day: date) -> bool:
        """Whether the city works on this day."""


def part_of_day(moment: datetime) -> str:
    """In which part of the day a moment falls: the last one that had begun, so that no hour is without one."""
    here = clock.local(moment)
    hour = here.hour + here.minute / 60
    begun = [name for name, (_, start, _) in DAY_PARTS.items() if start <= hour]
    return begun[-1] if begun else "morning"


def is_repeat(now: datetime, before: Iterable[datetime]) -> bool:
    """Whether a try now is no other hour than those before: tries count once a part of the day (rules.md 2).

    Where the city asks for more tries than the day has parts, a part that was tried counts again on another day.
    """
    tried = {(clock.local_day(one), part_of_day(one)) for one in before}
    parts, here = {part for _, part in tried}, part_of_day(now)
    if here not in parts:
        return False
    return len(parts) < len(DAY_PARTS) or (clock.local_day(now), here) in tried


def next_hours(now: datetime, before: Iterable[datetime], calendar: Working, wish: str = "") -> list[datetime]:
    """When to try again: the next hour of each other part of the day, untried ones first; by day on working days.

    ``wish`` is the part of the day they asked for: it comes first, unless it was tried just now.
    """
    used = {part_of_day(one) for one in before}
    here = part_of_day(now)
    found = [
        (name != wish, name in used, _next(now, PROPOSED[name], calendar, is_evening=name == "evening"))
        for name in DAY_PARTS
        if name != here
    ]
    return [moment for *_, moment in sorted(found)]


def _next(now: datetime, hour: int, calendar: Working, *, is_evening: bool) -> datetime:
    day = clock.local_day(now)
    while True:
        moment = clock.on(day, hour)
        if moment > now and (is_evening or calendar.is_working(day)):
            return moment
        day += timedelta(days=1)


SOON, FAR = timedelta(days=14), timedelta(days=366)
"""How far ahead a call may be planned: as a rule, and where the result is a plan that is looked at again one day."""


def may_be_planned(
    now: datetime, planned: datetime, *, is_wished: bool = False, within: timedelta = SOON
) -> Say | None:
    """Why a planned hour will not do, or None: in the past, too far, at night, or at the same time of day.

    An hour that they named themselves (``is_wished``) may be any of the calling hours.
    """
    here = clock.local(planned)
    hour = here.hour + here.minute / 60
    if planned <= now or planned > now + within:
        zh, en = ("两周", "two weeks") if within == SOON else ("一年", "year")
        return Say(f"请选{zh}以内、还没过的时间。", f"Choose a time within the next {en}.")
    if not any(start <= hour <= end for _, start, end in DAY_PARTS.values()):
        return Say(
            "请选 9:00–12:00、13:30–20:30 之间的时间。", "Choose a time between 9:00 and 12:00, or 13:30 and 20:30."
        )
    if not is_wished and part_of_day(planned) == part_of_day(now):
        return Say("请换一个时段：这个时段刚才没接通。", "Choose another part of the day: nobody answered in this one.")
    return None
