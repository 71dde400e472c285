"""Working time: the city's working days and hours, and what is due when (rules.md 6). Pure: no clock, no database.

A working-day promise (wd) does not count the day it starts on and ends at the close of its last working day; a start
on a rest day counts from the next working day. An hour promise (h) runs over the intervals of working days only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate, compress
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from hotline.errors import Say

if TYPE_CHECKING:
    from hotline.city import City

CITY_ZONE = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = ((9.0, 12.0), (13.5, 18.0))
WEEKEND = Say("周末", "weekend")

_FIRST = date(1900, 1, 1).toordinal()
_LAST = date(2200, 1, 1).toordinal()
_WEEK = bytes((1, 1, 1, 1, 1, 0, 0))
_MINUTE = 60_000_000
_MICRO = timedelta(microseconds=1)


class SpecialDay(Protocol):
    """What the calendar reads of a day that differs from Monday to Friday."""

    @property
    def is_working(self) -> bool:
        """A make-up day, else a rest day."""

    @property
    def name(self) -> Say:
        """The holiday's name."""


class Due:
    """Where a number of working days ends. ``counted`` and ``skipped`` are worked out only when asked for."""

    __slots__ = ("_calendar", "_ordinals", "at", "provisional")

    def __init__(self, calendar: Calendar, at: datetime, ordinals: tuple[int, int], *, provisional: bool) -> None:
        self._calendar = calendar
        self._ordinals = ordinals
        self.at = at
        self.provisional = provisional

    @property
    def counted(self) -> tuple[date, ...]:
        """The working days after the start, the last one included."""
        start, end = self._ordinals
        days = (date.fromordinal(n) for n in range(start + 1, end + 1))
        return tuple(day for day in days if self._calendar.is_working(day))

    @property
    def skipped(self) -> tuple[tuple[date, Say], ...]:
        """The rest days in between, each with its name."""
        start, end = self._ordinals
        days = (date.fromordinal(n) for n in range(start + 1, end + 1))
        return tuple((day, self._calendar.name(day)) for day in days if not self._calendar.is_working(day))


class Calendar:
    """The city's working time, immutable; about 5 ms to build, microseconds to ask.

    ``days`` are those that differ from Monday to Friday; ``hours`` the intervals of a working day in hours of the
    local clock; ``announced`` the first and last day for which ``days`` is complete (by default the years it
    touches). A date outside is reckoned Monday to Friday and makes a due date provisional.
    Dates from 1900 to 2199; others raise ValueError.
    """

    def __init__(
        self,
        days: Mapping[date, SpecialDay],
        hours: tuple[tuple[float, float], ...] = OFFICE_HOURS,
        announced: tuple[date, date] | None = None,
        zone: tzinfo = CITY_ZONE,
    ) -> None:
        self.days = dict(days)
        self.announced = announced or _years_of(self.days)
        self.zone = zone
        self._intervals = tuple((round(a * 60) * _MINUTE, round(b * 60) * _MINUTE) for a, b in hours)
        self._close = self._intervals[-1][1]
        self._length = sum(b - a for a, b in self._intervals)
        shift = date.fromordinal(_FIRST).weekday()
        mask = bytearray(_WEEK * ((_LAST - _FIRST) // 7 + 2))[shift : shift + _LAST - _FIRST]
        for day, special in self.days.items():
            mask[day.toordinal() - _FIRST] = special.is_working
        self._mask = bytes(mask)
        self._nth = list(compress(range(_FIRST, _LAST), mask))
        """Ordinal of the n-th working day."""
        self._before = [0, *accumulate(mask)]
        """Working days before each ordinal (from _FIRST)."""

    def is_working(self, day: date) -> bool:
        """Whether the city works on this local day."""
        return bool(self._mask[_index(day.toordinal())])

    def name(self, day: date) -> Say:
        """The day's holiday name, "weekend" for a plain Saturday or Sunday, empty for a plain weekday."""
        special = self.days.get(day)
        if special is not None:
            return special.name
        return WEEKEND if day.weekday() > 4 else Say("", "")

    def is_announced(self, day: date) -> bool:
        """Whether the official arrangement of this day's year is in the table."""
        return self.announced[0] <= day <= self.announced[1]

    def close_of(self, day: date) -> datetime:
        """The close of work (18:00) of this local day, in UTC, whether the city works on it or not."""
        return self._moment(day.toordinal(), self._close)

    def day_of(self, moment: datetime) -> date:
        """The local day of an aware moment."""
        return moment.astimezone(self.zone).date()

    def add_working_days(self, start: datetime, n: int) -> Due:
        """The close of the n-th working day after the local day of ``start`` (n ≥ 1; 0 is the start's own close)."""
        first = start.astimezone(self.zone).toordinal()
        last = self._nth[self._before[_index(first) + 1] + n - 1] if n else first
        at = self._moment(last, self._close)
        return Due(self, at, (first, last), provisional=self._provisional(first, last))

    def working_days_between(self, a: datetime, b: datetime) -> int:
        """Whole working days counted from a's local day (not counted) to b's (counted); negative if b is earlier."""
        first, last = a.astimezone(self.zone).toordinal(), b.astimezone(self.zone).toordinal()
        return self._before[_index(last) + 1] - self._before[_index(first) + 1]

    def closes_between(self, a: datetime, b: datetime) -> int:
        """Working days whose close lies after ``a`` and not after ``b``: what a pause adds to a wd promise."""
        return max(0, self._closed(b) - self._closed(a))

    def add_working_hours(self, start: datetime, hours: float) -> datetime:
        """The moment when this many working hours (≥ 0) have passed since ``start``; exact to the microsecond."""
        return self.add_working_time(start, timedelta(hours=hours))

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """As ``add_working_hours``, of an exact length. An end that meets a close stays there, not at the next open."""
        micros = amount // _MICRO
        if micros <= 0:
            return start.astimezone(UTC)
        target = self._worked(start) + micros
        k, rest = divmod(target - 1, self._length)
        rest += 1
        for opens, closes in self._intervals:
            if rest <= closes - opens:
                return self._moment(self._nth[k], opens + rest)
            rest -= closes - opens
        raise AssertionError(rest)  # the rest of a day is never longer than its intervals

    def working_time(self, a: datetime, b: datetime) -> timedelta:
        """Working time from ``a`` to ``b``, exact; negative if b is earlier."""
        return timedelta(microseconds=self._worked(b) - self._worked(a))

    def working_hours_between(self, a: datetime, b: datetime) -> float:
        """Working hours from ``a`` to ``b``."""
        return (self._worked(b) - self._worked(a)) / (60 * _MINUTE)

    def day_before(self, moment: datetime) -> datetime:
        """The same wall-clock time on the last working day before the moment's local day."""
        local = moment.astimezone(self.zone)
        last = self._nth[self._before[_index(local.toordinal())] - 1]
        return self._moment(last, _time_of(local))

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a reckoning over these moments touches a year whose arrangement is not in the table."""
        return self._provisional(start.astimezone(self.zone).toordinal(), end.astimezone(self.zone).toordinal())

    def _provisional(self, first: int, last: int) -> bool:
        known = self.announced
        return first < known[0].toordinal() or last > known[1].toordinal()

    def _worked(self, moment: datetime) -> int:
        """Microseconds of working time since the first day of the table."""
        local = moment.astimezone(self.zone)
        index = _index(local.toordinal())
        whole = self._before[index] * self._length
        if not self._mask[index]:
            return whole
        at = _time_of(local)
        return whole + sum(min(at, closes) - opens for opens, closes in self._intervals if at > opens)

    def _closed(self, moment: datetime) -> int:
        """Working days whose close is not after the moment."""
        local = moment.astimezone(self.zone)
        index = _index(local.toordinal())
        return self._before[index + (_time_of(local) >= self._close)]

    def _moment(self, ordinal: int, micros: int) -> datetime:
        day = date.fromordinal(ordinal)
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return (midnight + timedelta(microseconds=micros)).astimezone(UTC)


def _index(ordinal: int) -> int:
    index = ordinal - _FIRST
    if 0 <= index < _LAST - _FIRST:
        return index
    msg = f"the calendar reaches from 1900 to 2199, not to {date.fromordinal(ordinal)}"
    raise ValueError(msg)


def _time_of(local: datetime) -> int:
    return ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond


def _years_of(days: Mapping[date, SpecialDay]) -> tuple[date, date]:
    if not days:
        return date(2, 1, 1), date(1, 1, 1)
    return date(min(days).year, 1, 1), date(max(days).year, 12, 31)


def runs(days: tuple[date, ...]) -> Iterator[tuple[date, date]]:
    """Unbroken stretches of sorted days, each as first and last."""
    i = 0
    while i < len(days):
        j = i
        while j + 1 < len(days) and (days[j + 1] - days[j]).days == 1:
            j += 1
        yield days[i], days[j]
        i = j + 1


def read_hours(text: str) -> tuple[tuple[float, float], ...]:
    """Read ``09:00-12:00 13:30-18:00``. Raises ValueError unless it is intervals in order that do not overlap."""
    found = re.findall(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text)
    hours = tuple((int(a) + int(b) / 60, int(c) + int(d) / 60) for a, b, c, d in found)
    edges = [edge for interval in hours for edge in interval]
    if len(found) != len(text.split()) or not edges or edges != sorted(set(edges)) or edges[-1] > 24:
        msg = f"working hours must look like 09:00-12:00 13:30-18:00: {text!r}"
        raise ValueError(msg)
    return hours


@lru_cache(maxsize=2)
def of(city: City) -> Calendar:
    """The calendar of a city snapshot, built once a snapshot."""
    data = city.calendar
    hours = read_hours(str(city.rule("hours.working")))
    return Calendar(data.days, hours, (data.announced_from, data.announced_through))
