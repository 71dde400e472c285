"""When a line is open, and which moment lies so many open minutes ahead. Pure but for the city's zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from hotline import clock
from hotline.city import Line

ALWAYS = "7×24"
_MOST_DAYS = 15


def spans(line: Line) -> tuple[tuple[time, time], ...]:
    """The line's hours of each day; empty when it is open day and night, as 12345 always is (GB/T 33358)."""
    text = "" if line.number == "12345" else str(getattr(line, "hours", "") or "")
    found = []
    for part in text.replace("–", "-").split():
        start, dash, end = part.partition("-")
        if dash and ":" in start and ":" in end:
            found.append((time.fromisoformat(start.zfill(5)), _end(end.zfill(5))))
    return tuple(found)


def _end(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


def said(line: Line) -> str:
    """The hours as they are read out: 08:00-18:00, or 7×24."""
    return "、".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in spans(line)) or ALWAYS


def is_open(line: Line, moment: datetime) -> bool:
    """Whether somebody answers there at that moment."""
    hours = spans(line)
    return not hours or any(start <= clock.local(moment).time() < end for start, end in hours)


def ahead(line: Line, moment: datetime, minutes: int) -> datetime:
    """The moment when ``minutes`` of the line's open time will have passed."""
    hours = spans(line)
    left = timedelta(minutes=minutes)
    if not hours:
        return moment + left
    at = clock.local(moment)
    for n in range(_MOST_DAYS):
        day = at.date() + timedelta(days=n)
        for start, end in hours:
            begins = max(at, datetime.combine(day, start, clock.CITY_ZONE))
            ends = datetime.combine(day, end, clock.CITY_ZONE)
            if ends - begins >= left:
                return clock.utc(begins + left)
            left -= max(ends - begins, timedelta())
    return moment + timedelta(minutes=minutes)
