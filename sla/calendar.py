"""Working time: the city's working days and hours, and what is due when (rules.md 6). Pure: no clock, no database.

A working-day promise (wd) does not count the day it starts on and ends at the close of its last working day; a start
on a rest day counts from the next working day. An hour promise (h) runs over the intervals of working days only.
A county may have days and hours of its own laid over the city's (``of``); a unit's clocks run by its county's.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate, chain, compress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hotline.errors import Say
from sla.due_days import Due, SpecialDay
from sla.hours import Hours, read_hours

if TYPE_CHECKING:
    from hotline.city import City
    from hotline.city_nouns import CalendarDays

CITY_ZONE = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = ((9.0, 12.0), (13.5, 18.0))
WEEKEND = Say("周末", "weekend")

_FIRST = date(1900, 1, 1).toordinal()
_LAST = date(2200, 1, 1).toordinal()
_WEEK = bytes((1, 1, 1, 1, 1, 0, 0))
_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
_MICRO = timedelta(microseconds=1)
_STEADY = datetime(2000, 1, 1, tzinfo=UTC)
"""From here on a zone without summer time is reckoned by its one offset, which is faster than asking it each time."""


class _Shift:
    """The hours of a working day from some day on, in microseconds of the local clock."""

    __slots__ = ("close", "hours", "intervals", "length")

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self.intervals = tuple((round(a * 60) * _MINUTE, round(b * 60) * _MINUTE) for a, b in hours)
        self.close = self.intervals[-1][1]
        self.length = sum(b - a for a, b in self.intervals)


class Calendar:
    """The working time of a city or county, immutable; about 10 ms to build, microseconds to ask.

    ``days`` are those that differ from Monday to Friday; ``hours`` the intervals of a working day in hours of the
    local clock, and ``later`` those that hold from a day on (summer hours); ``announced`` the first and last day for
    which ``days`` is complete (by default the years it touches). A date outside is reckoned Monday to Friday and
    makes a due date provisional. Dates from 1900 to 2199; others raise ValueError.
    """

    def __init__(
        self,
        days: Mapping[date, SpecialDay],
        hours: Hours = OFFICE_HOURS,
        announced: tuple[date, date] | None = None,
        zone: tzinfo = CITY_ZONE,
        later: Sequence[tuple[date, Hours]] = (),
    ) -> None:
        self.days = dict(days)
        self.announced = announced or _years_of(self.days)
        self.zone = zone
        self._offset = _offset_of(zone)
        turns = sorted(later, key=lambda turn: turn[0])
        self._turns = [_FIRST, *(day.toordinal() for day, _ in turns)]
        """Ordinals of the days on which other hours begin."""
        self._shifts = [_Shift(hours), *(_Shift(other) for _, other in turns)]
        shift = date.fromordinal(_FIRST).weekday()
        mask = bytearray(_WEEK * ((_LAST - _FIRST) // 7 + 2))[shift : shift + _LAST - _FIRST]
        for day, special in self.days.items():
            mask[day.toordinal() - _FIRST] = special.is_working
        self._mask = bytes(mask)
        self._nth = array("i", compress(range(_FIRST, _LAST), mask))
        """Ordinal of the n-th working day."""
        self._before = array("i", accumulate(mask, initial=0))
        """Working days before each ordinal (from _FIRST)."""
        self._sum = array("q", self._sums())
        """Microseconds of working time before each ordinal (from _FIRST)."""

    def _sums(self) -> Iterator[int]:
        ends = [*self._turns[1:], _LAST]
        worked = (
            map(shift.length.__mul__, self._mask[begins - _FIRST : end - _FIRST])
            for begins, end, shift in zip(self._turns, ends, self._shifts, strict=True)
        )
        return accumulate(chain.from_iterable(worked), initial=0)

    def _shift(self, ordinal: int) -> _Shift:
        if len(self._shifts) == 1:
            return self._shifts[0]
        return self._shifts[bisect_right(self._turns, ordinal) - 1]

    def hours_of(self, day: date) -> Hours:
        """The intervals of this day, if it is worked, in hours of the local clock."""
        return self._shift(day.toordinal()).hours

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
        return self._close(day.toordinal())

    def day_of(self, moment: datetime) -> date:
        """The local day of an aware moment."""
        return moment.astimezone(self.zone).date()

    def add_working_days(self, start: datetime, n: int) -> Due:
        """The close of the n-th working day after the local day of ``start`` (n ≥ 1; 0 is the start's own close)."""
        first = self._split(start)[0]
        try:
            last = self._nth[self._before[_index(first) + 1] + n - 1] if n else first
        except IndexError:
            raise _beyond(_LAST) from None
        at = self._close(last)
        return Due(self, at, (first, last), provisional=self._provisional(first, last))

    def working_days_between(self, a: datetime, b: datetime) -> int:
        """Whole working days counted from a's local day (not counted) to b's (counted); negative if b is earlier."""
        first, last = self._split(a)[0], self._split(b)[0]
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
        index = bisect_left(self._sum, target) - 1
        if index >= len(self._mask):
            raise _beyond(_LAST)
        rest = target - self._sum[index]
        for opens, closes in self._shift(index + _FIRST).intervals:
            if rest <= closes - opens:
                return self._moment(index + _FIRST, opens + rest)
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
        ordinal, at = self._split(moment)
        return self._moment(self._nth[self._before[_index(ordinal)] - 1], at)

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a reckoning over these moments touches a year whose arrangement is not in the table."""
        return self._provisional(self._split(start)[0], self._split(end)[0])

    def _provisional(self, first: int, last: int) -> bool:
        known = self.announced
        return first < known[0].toordinal() or last > known[1].toordinal()

    def _worked(self, moment: datetime) -> int:
        """Microseconds of working time since the first day of the table."""
        ordinal, at = self._split(moment)
        index = _index(ordinal)
        worked = self._sum[index]
        if self._mask[index]:
            for opens, closes in self._shift(ordinal).intervals:
                if at <= opens:
                    break
                worked += min(at, closes) - opens
        return worked

    def _closed(self, moment: datetime) -> int:
        """Working days whose close is not after the moment."""
        ordinal, at = self._split(moment)
        return self._before[_index(ordinal) + (at >= self._shift(ordinal).close)]

    def _close(self, ordinal: int) -> datetime:
        return self._moment(ordinal, self._shift(ordinal).close)

    def _split(self, moment: datetime) -> tuple[int, int]:
        """The ordinal of a moment's local day, and its microseconds on the local clock."""
        if self._offset is not None and moment >= _STEADY:
            since = moment - _STEADY
            micros = since.seconds * 1_000_000 + since.microseconds + self._offset
            return _STEADY_DAY + since.days + micros // _DAY, micros % _DAY
        local = moment.astimezone(self.zone)
        return local.toordinal(), _time_of(local)

    def _moment(self, ordinal: int, micros: int) -> datetime:
        if self._offset is not None and ordinal > _STEADY_DAY:
            return _STEADY + timedelta(ordinal - _STEADY_DAY, 0, micros - self._offset)
        day = date.fromordinal(ordinal)
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return (midnight + timedelta(microseconds=micros)).astimezone(UTC)


_STEADY_DAY = _STEADY.toordinal()


@lru_cache(maxsize=8)
def _offset_of(zone: tzinfo) -> int | None:
    """The zone's offset from UTC in microseconds, None when it changes between 2000 and 2199.

    No summer time is short enough to slip through steps of ten days.
    """
    offsets = {(_STEADY + timedelta(days=n)).astimezone(zone).utcoffset() for n in range(0, 73_000, 10)}
    only = offsets.pop()
    return None if offsets or only is None else only // _MICRO


def _index(ordinal: int) -> int:
    index = ordinal - _FIRST
    if 0 <= index < _LAST - _FIRST:
        return index
    raise _beyond(ordinal)


def _beyond(ordinal: int) -> ValueError:
    return ValueError(f"the calendar reaches from 1900 to 2199, not to {date.fromordinal(ordinal)}")


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


class Book:
    """The calendars of a city: its own, and one for each county that has days or hours of its own; made when asked."""

    def __init__(self, data: CalendarDays, base: Hours) -> None:
        self.data = data
        self._base = base
        self._made: dict[str, Calendar] = {}

    def of(self, jurisdiction: str = "") -> Calendar:
        """The county's calendar, the city's where the county has none of its own."""
        key = jurisdiction if jurisdiction in self.data.local else ""
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def _make(self, jurisdiction: str) -> Calendar:
        data = self.data
        announced = (data.announced_from, data.announced_through)
        turns = tuple((day, read_hours(hours)) for day, hours in data.hours)
        if not jurisdiction:
            return Calendar(data.days, self._base, announced, later=turns)
        local = data.local[jurisdiction]
        days = {day: what for day, what in {**data.days, **local.days}.items() if _differs(day, what)}
        return Calendar(days, self._base, announced, later=laid_over(self._base, turns, local.hours))


def _differs(day: date, what: SpecialDay) -> bool:
    return what.is_working != (day.weekday() < 5)


def laid_over(
    base: Hours, city: Sequence[tuple[date, Hours]], own: Sequence[tuple[date, str]]
) -> list[tuple[date, Hours]]:
    """A county's hours by the day on which they begin; empty text: the city's hold again from that day."""
    found = []
    for day in sorted({day for day, _ in city} | {day for day, _ in own}):
        text = next((hours for begins, hours in reversed(own) if begins <= day), "")
        of_city = next((hours for begins, hours in reversed(city) if begins <= day), base)
        found.append((day, read_hours(text) if text else of_city))
    return found


@lru_cache(maxsize=2)
def book(city: City) -> Book:
    """The calendars of a city snapshot."""
    return Book(city.calendar, read_hours(str(city.rule("hours.working"))))


def of(city: City, jurisdiction: str = "") -> Calendar:
    """The calendar of a city snapshot, or of one of its counties; each is built once a snapshot."""
    return book(city).of(jurisdiction)


def of_unit(city: City, unit: str) -> Calendar:
    """The calendar by which a unit's clocks run: that of its county. The centre's own ("") run by the city's."""
    own = book(city)
    return own.of(jurisdiction_of(city, unit) if unit and own.data.local else "")


def jurisdiction_of(city: City, unit: str) -> str:
    """The county that a unit works in, its own or that of the next unit above with one; empty for the city's units."""
    seen: set[str] = set()
    while unit and unit not in seen:
        seen.add(unit)
        one = city.units.get(unit)
        if one is None:
            return ""
        if one.jurisdiction:
            return one.jurisdiction
        unit = one.parent or ""
    return ""
