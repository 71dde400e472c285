"""When a line answers, and the moment some open minutes ahead. How hours are written: ``hotline.line_hours``."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline import city, line_hours
from hotline.city import Line
from hotline.errors import Say

_STEP = timedelta(minutes=1)
_MOST = timedelta(days=15)
"""A line that does not open for so long has hours that nobody meant: then its clock runs at once."""


def hours(line: Line) -> str:
    """The line's hours; 12345 answers day and night whatever is written (GB/T 33358-2016)."""
    return line_hours.ALWAYS if line.number == "12345" else line.hours


def said(line: Line) -> Say:
    """The hours as they are read out."""
    return line_hours.say(hours(line))


def is_open(line: Line, moment: datetime) -> bool:
    """Whether somebody answers there at that moment."""
    return line_hours.is_open(hours(line), moment, city.current().calendar.days)


def ahead(line: Line, moment: datetime, minutes: int) -> datetime:
    """The moment when ``minutes`` of the line's open time will have passed."""
    if hours(line) == line_hours.ALWAYS:
        return moment + timedelta(minutes=minutes)
    at, left = moment, minutes
    while left > 0 and at < moment + _MOST:
        left -= is_open(line, at)
        at += _STEP
    return moment + timedelta(minutes=minutes) if left else at
