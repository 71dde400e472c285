"""How much time a promise has left, as a mark, a look and words (ux.md 2). Pure: the calendar and the moment come in.

``◑`` starts with the yellow card and ``▲`` with the red (rules.md 7). A day is a working day on working-day
promises; promises in hours are told in hours, working or clock hours as they run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from hotline.errors import Say

if TYPE_CHECKING:
    from sla.calendar import Calendar

PAUSED: dict[str, Say] = {
    "needs_info": Say("暂停 · 待市民补充", "Paused for requester"),
    "suspended": Say("暂停 · 挂账", "Suspended"),
}
"""Why a promise stands, by the cause on its clock and on its case."""
MANY_DAYS = 5
"""More than so many days late is the darkest look."""
_MANY_HOURS = {"h": 37.5, "clock": 120.0}
LAST_QUARTER = 0.75


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to tell a promise's time: ``unit`` is wd, h (working hours) or clock; moments are aware.

    ``paused`` is the sentence of a pause, if there is one (``PAUSED``); ``done`` is when the promise was kept or not.
    """

    unit: str
    start: datetime
    due: datetime
    warn: datetime | None = None
    done: datetime | None = None
    paused: Say | None = None
    is_provisional: bool = False


class TimeLeft(msgspec.Struct, frozen=True, kw_only=True):
    """One time chip: ``look`` is the style class, ``mark`` the shape that says it without colour."""

    mark: str
    look: str
    say: Say
    due: datetime
    is_provisional: bool = False
    code: str = ""
    """What ``/time-left`` needs to renew it; empty when it will not change any more."""


def time_left(calendar: Calendar, term: Term, now: datetime) -> TimeLeft:
    """The chip of ``term`` at ``now``."""
    mark, look, say = _judged(calendar, term, now)
    return TimeLeft(
        mark=mark, look=look, say=say, due=term.due, is_provisional=term.is_provisional,
        code="" if term.done or term.paused else encode(term),
    )  # fmt: skip


def _judged(calendar: Calendar, term: Term, now: datetime) -> tuple[str, str, Say]:
    if term.done is not None:
        if term.done <= term.due:
            return "✓", "kept", Say("按时完成", "On time")
        late = _late(calendar, term, term.done)[0]
        return "✓", "kept-late", Say(f"{late.zh}完成", late.en.replace("overdue", "late"))
    if term.paused is not None:
        return "‖", "paused", term.paused
    if now > term.due:
        say, is_long = _late(calendar, term, now)
        return ("▲▲", "late-long", say) if is_long else ("▲", "late", say)
    if term.unit == "wd":
        return _working_days(calendar, term, now)
    return _hours(calendar, term, now)


def _working_days(calendar: Calendar, term: Term, now: datetime) -> tuple[str, str, Say]:
    days = calendar.working_days_between(now, term.due)
    if days <= 0:
        at = f"{term.due.astimezone(calendar.zone):%H:%M}"
        return "◕", "today", Say(f"今日 {at} 前", f"Due today {at}")
    hours = int(calendar.working_hours_between(now, min(term.due, calendar.close_of(calendar.day_of(now)))))
    plural = "" if days == 1 else "s"
    if _is_warned(calendar, term, now):
        return "◑", "soon", Say(f"剩 {days} 个工作日", f"{days} working day{plural} left")
    if hours <= 0:
        return "○", "plain", Say(f"剩 {days} 个工作日", f"{days} working day{plural} left")
    return "○", "plain", Say(f"剩 {days} 个工作日 {hours} 小时", f"{days} working day{plural} {hours} h left")


def _hours(calendar: Calendar, term: Term, now: datetime) -> tuple[str, str, Say]:
    hours, minutes = divmod(int(_hours_between(calendar, term.unit, now, term.due) * 60 + 1e-6), 60)
    zh = f"剩 {hours} 小时 {minutes} 分" if hours else f"剩 {minutes} 分"
    en = f"{hours} h {minutes} min left" if hours else f"{minutes} min left"
    return ("◑", "soon", Say(zh, en)) if _is_warned(calendar, term, now) else ("○", "plain", Say(zh, en))


def _late(calendar: Calendar, term: Term, now: datetime) -> tuple[Say, bool]:
    """How late in words, and whether that is long."""
    if term.unit == "wd":
        days = max(1, calendar.working_days_between(term.due, now))
        return Say(f"超期 {days} 天", f"{days} day{'' if days == 1 else 's'} overdue"), days > MANY_DAYS
    hours = _hours_between(calendar, term.unit, term.due, now)
    if hours < 1:
        minutes = max(1, int(hours * 60))
        return Say(f"超期 {minutes} 分", f"{minutes} min overdue"), False
    return Say(f"超期 {int(hours)} 小时", f"{int(hours)} h overdue"), hours > _MANY_HOURS[term.unit]


def _is_warned(calendar: Calendar, term: Term, now: datetime) -> bool:
    if term.warn is not None:
        return now >= term.warn
    if term.unit == "wd":
        return calendar.working_days_between(now, term.due) <= 1
    whole = _hours_between(calendar, term.unit, term.start, term.due)
    return whole > 0 and _hours_between(calendar, term.unit, term.start, now) / whole >= LAST_QUARTER


def _hours_between(calendar: Calendar, unit: str, a: datetime, b: datetime) -> float:
    return (b - a).total_seconds() / 3600 if unit == "clock" else calendar.working_hours_between(a, b)


def encode(term: Term) -> str:
    """A running term as a word for an address: ``wd.1764000000.1764410400.1764324000.0``."""
    warn = int(term.warn.timestamp()) if term.warn else 0
    return f"{term.unit}.{int(term.start.timestamp())}.{int(term.due.timestamp())}.{warn}.{int(term.is_provisional)}"


def decode(code: str) -> Term:
    """The inverse of ``encode``. Raises ValueError for anything else."""
    unit, start, due, warn, provisional = code.split(".")
    if unit not in ("wd", "h", "clock"):
        raise ValueError(code)
    return Term(
        unit=unit, start=_moment(start), due=_moment(due), warn=_moment(warn) if warn != "0" else None,
        is_provisional=provisional == "1",
    )  # fmt: skip


def _moment(seconds: str) -> datetime:
    if not seconds.isascii() or not seconds.isdigit() or not 0 < int(seconds) < 7_000_000_000:
        raise ValueError(seconds)
    return datetime.fromtimestamp(int(seconds), UTC)
