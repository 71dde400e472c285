"""The only reader of the clock, and the edges of the city's days. Everything stored is UTC."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline import settings

CITY_ZONE = ZoneInfo("Asia/Shanghai")
_fixed: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)


def now() -> datetime:
    """The moment, aware and in UTC, to the microsecond."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    return datetime.now(UTC) + timedelta(seconds=settings.current().time_shift)


def is_running() -> bool:
    """Whether this is the clock of the wall, and not a moment that somebody stands at."""
    return _fixed.get() is None


@contextlib.contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand at a moment: imports replay their own dates, sweeps ask "as of", tests travel."""
    token = _fixed.set(utc(moment))
    try:
        yield
    finally:
        _fixed.reset(token)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is refused."""
    if moment.tzinfo is None:
        msg = f"a moment without a time zone: {moment!r}"
        raise ValueError(msg)
    return moment.astimezone(UTC)


def local(moment: datetime) -> datetime:
    """The same moment on the city's wall clock."""
    return moment.astimezone(CITY_ZONE)


def local_day(moment: datetime) -> date:
    """The city's calendar day that holds the moment."""
    return moment.astimezone(CITY_ZONE).date()


def today() -> date:
    """The city's calendar day now."""
    return local_day(now())


def on(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock time of the city, in UTC."""
    return datetime.combine(day, time(hour, minute), CITY_ZONE).astimezone(UTC)
