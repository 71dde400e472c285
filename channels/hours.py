"""Quiet hours: when nobody is woken by a message (rule ``message.quiet``, on the city's wall clock).

Lateness counts from the hour at which a message was permitted (rules.md 6).
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from hotline import city, clock

RULE = "message.quiet"
NONE = "none"
SPELLED = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
"""``21:30-07:30``; the word ``none`` switches the quiet hours off."""


@lru_cache(maxsize=256)
def read(value: str) -> tuple[time, time] | None:
    """Begin and end of the quiet hours; None where there are none."""
    found = SPELLED.fullmatch(value.strip())
    if found is None or value[:5] == value[-5:]:
        return None
    hour, minute, to_hour, to_minute = map(int, found.groups())
    return time(hour, minute), time(to_hour, to_minute)


def is_quiet(moment: datetime) -> bool:
    """Whether the moment lies in the city's quiet hours; their end does not."""
    edges = read(str(city.current().rule(RULE)))
    if edges is None:
        return False
    begin, end = edges
    at = clock.local(moment).time()
    return begin <= at < end if begin < end else at >= begin or at < end


def permitted(moment: datetime) -> datetime:
    """The moment, or the end of the quiet hours that it lies in."""
    edges = read(str(city.current().rule(RULE)))
    if edges is None or not is_quiet(moment):
        return moment
    begin, end = edges
    day = clock.local_day(moment)
    if begin > end and clock.local(moment).time() >= begin:
        day += timedelta(days=1)
    return clock.on(day, end.hour, end.minute)
