"""The days of a promise as cells: counted and numbered, skipped by name, paused, added by an extension. Pure.

Every unit has its picture: working days are numbered, hours are told by the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from hotline.errors import Say
from sla import history
from sla.calendar import Calendar
from sla.history import Act, Extension, Pause
from sla.targets import Promise

START, COUNTED, REST, PAUSED = "start", "counted", "rest", "paused"
_HOUR = timedelta(hours=1)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One day. ``mark``: start, counted, rest or paused; ``n`` numbers counted working days, ``hours`` those counted.

    ``more`` is which extension added it, from 1; 0 for the days of the promise itself.
    """

    day: date
    mark: str
    n: int = 0
    hours: float = 0
    name: Say = Say("", "")
    is_make_up: bool = False
    is_due: bool = False
    more: int = 0


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the row below the days: so many cells, of which extension; None for those of the promise itself."""

    span: int
    act: Extension | None = None


def days(calendar: Calendar, promise: Promise, acts: Sequence[Act] = ()) -> tuple[Cell, ...]:
    """A cell a day from the start to the due day. Rest days carry the holiday's name, also the weekends inside one."""
    first, last = calendar.day_of(promise.start), calendar.day_of(promise.due_at)
    pauses = [act for act in acts if isinstance(act, Pause)]
    added = _added_days(calendar, promise, acts)
    cells: list[Cell] = []
    n = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        hours = _hours(calendar, promise, pauses, day) if promise.unit != "wd" else 0.0
        mark, name = _mark(calendar, promise, pauses, day, hours)
        n += mark == COUNTED and promise.unit == "wd"
        cells.append(Cell(
            day=day, mark=mark, n=n if mark == COUNTED and promise.unit == "wd" else 0, hours=hours, name=name,
            is_make_up=calendar.is_working(day) and day.weekday() > 4, is_due=day == last, more=added(day),
        ))  # fmt: skip
    return tuple(cells)


def added(cells: Sequence[Cell], acts: Sequence[Act]) -> list[Added]:
    """The row below the days: which of them an extension added; empty when none did."""
    extensions = [act for act in acts if isinstance(act, Extension)]
    if not extensions or not cells:
        return []
    spans = [[0, 0]]
    for cell in cells:
        if cell.more != spans[-1][1]:
            spans.append([0, cell.more])
        spans[-1][0] += 1
    return [Added(span=span, act=extensions[more - 1] if more else None) for span, more in spans if span]


def _added_days(calendar: Calendar, promise: Promise, acts: Sequence[Act]) -> _Which:
    """For a day which extension added it: those after the date that held before each."""
    edges: list[date] = []
    before = None
    for act, due in history.steps(calendar, promise.start, promise.unit, promise.amount, acts):
        if isinstance(act, Extension) and before is not None:
            edges.append(calendar.day_of(before))
        before = due
    return _Which(tuple(edges))


class _Which(msgspec.Struct, frozen=True):
    edges: tuple[date, ...]

    def __call__(self, day: date) -> int:
        return sum(day > edge for edge in self.edges)


def _mark(
    calendar: Calendar, promise: Promise, pauses: Sequence[Pause], day: date, hours: float
) -> tuple[str, Say]:
    is_first = day == calendar.day_of(promise.start)
    swallowed = calendar.is_working(day) and any(one.swallows(calendar.close_of(day)) for one in pauses)
    if is_first and not hours:
        return (PAUSED, Say("开始，暂停", "start, paused")) if swallowed else (START, Say("开始", "start"))
    if not calendar.is_working(day) and promise.unit != "clock":
        return REST, rest_name(calendar, day)
    stood = not hours and any(_touches(calendar, one, day) for one in pauses)
    if swallowed if promise.unit == "wd" else stood:
        return PAUSED, Say("暂停", "paused")
    return COUNTED, Say("开始", "start") if is_first else Say("", "")


def _touches(calendar: Calendar, pause: Pause, day: date) -> bool:
    first, last = calendar.day_of(pause.begins), calendar.day_of(pause.ends) if pause.ends else date.max
    return first <= day <= last


def _hours(calendar: Calendar, promise: Promise, pauses: Sequence[Pause], day: date) -> float:
    """How much of the promise's own time this day gives it: working hours, or hours around the clock."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    begins, ends = max(midnight, promise.start), min(midnight + timedelta(days=1), promise.due_at)
    if ends <= begins:
        return 0.0
    whole = _length(calendar, promise.unit, begins, ends)
    for one in pauses:
        since, until = max(begins, one.begins), min(ends, one.ends or ends)
        whole -= _length(calendar, promise.unit, since, until) if until > since else timedelta()
    return round(max(whole, timedelta()) / _HOUR, 2)


def _length(calendar: Calendar, unit: str, begins: datetime, ends: datetime) -> timedelta:
    return ends - begins if unit == "clock" else calendar.working_time(begins, ends)


def rest_name(calendar: Calendar, day: date) -> Say:
    """The holiday's name; a weekend between two rest days of one holiday carries its name."""
    if day in calendar.days:
        return calendar.name(day)
    before = after = day
    while before not in calendar.days and not calendar.is_working(before):
        before -= timedelta(days=1)
    while after not in calendar.days and not calendar.is_working(after):
        after += timedelta(days=1)
    left, right = calendar.name(before), calendar.name(after)
    if left == right and left.zh and not calendar.is_working(before) and not calendar.is_working(after):
        return left
    return calendar.name(day)
