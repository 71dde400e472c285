"""Calendars at random, of any days, hours, changes of hours, zones and counties, against counting minute by minute."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.city_nouns import CalendarDays, Day, LocalDays
from hotline.errors import Say
from sla import hours as hours_of
from sla.calendar import Book, Calendar
from sla.hours import Hours
from tests.zones import host_in

MINUTE = timedelta(minutes=1)
ZONES = (
    "Asia/Shanghai", "UTC", "Asia/Kathmandu", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
    "Pacific/Chatham", "America/St_Johns",
)  # fmt: skip
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
DAYS = st.dates(FIRST, LAST)
NAME = Say("节", "feast")
PLAIN = Calendar({})


def text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def shifts(draw: st.DrawFn) -> str:
    """One to three intervals from 05:00 to 23:00, outside the hours in which zones change their clocks."""
    n = draw(st.integers(1, 3))
    edges = sorted(draw(st.sets(st.integers(5 * 12, 23 * 12), min_size=2 * n, max_size=2 * n)))
    return " ".join(f"{text(a * 5)}-{text(b * 5)}" for a, b in zip(edges[::2], edges[1::2], strict=True))


SPECIALS = st.dictionaries(DAYS, st.booleans(), max_size=40)
TURNS = st.dictionaries(DAYS, shifts(), max_size=3)


class Slow:
    """The oracle: a minute is worked or not, as one would say it. ``base`` are the hours before the first turn."""

    def __init__(self, specials: dict[date, bool], base: str, turns: dict[date, str], zone: ZoneInfo) -> None:
        self.specials, self.base, self.turns, self.zone = specials, base, turns, zone
        self.hours = functools.cache(self._hours)

    def _hours(self, day: date) -> list[tuple[int, int]]:
        """The intervals of the day in minutes."""
        held = [self.turns[since] for since in sorted(self.turns) if since <= day]
        found = []
        for part in (held[-1] if held else self.base).split():
            a, b = (int(edge[:2]) * 60 + int(edge[3:]) for edge in part.split("-"))
            found.append((a, b))
        return found

    def works(self, day: date) -> bool:
        return self.specials.get(day, day.weekday() < 5)

    def is_working(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return self.works(local.date()) and any(a <= minute < b for a, b in self.hours(local.date()))

    def close(self, day: date) -> datetime:
        minutes = self.hours(day)[-1][1]
        return datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=self.zone).astimezone(UTC)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Calendar, Slow]:
    """A calendar and its oracle."""
    specials, base, turns = draw(SPECIALS), draw(shifts()), draw(TURNS)
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    days = {day: Day(works, NAME) for day, works in specials.items()}
    later = [(day, hours_of.read_hours(told)) for day, told in turns.items()]
    made = Calendar(days, hours_of.read_hours(base), (FIRST, LAST), zone, later)
    return made, Slow(specials, base, turns, zone)


MOMENTS = st.datetimes(datetime(2026, 2, 1), datetime(2027, 10, 1)).map(  # noqa: DTZ001 - Hypothesis wants them naive
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)


@settings(max_examples=40, deadline=None)
@given(pairs(), st.lists(MOMENTS, min_size=6, max_size=6), st.integers(1, 700), st.integers(1, 40))
def test_any_calendar_adds_time_and_days_as_counted_minute_by_minute_and_on_fingers(
    pair: tuple[Calendar, Slow], starts: list[datetime], minutes: int, n: int
) -> None:
    for start in starts[:2]:
        _minute_by_minute(*pair, start, minutes)
    for start in starts:
        _on_fingers(*pair, start, n)


def _minute_by_minute(fast: Calendar, slow: Slow, start: datetime, minutes: int) -> None:
    moment, left = start, minutes
    for _ in range(8 * 1440):
        if not left:
            break
        left -= slow.is_working(moment)
        moment += MINUTE
    assert fast.working_time(start, moment) == MINUTE * (minutes - left)
    if not left:
        assert fast.add_working_time(start, MINUTE * minutes) == moment


def _on_fingers(fast: Calendar, slow: Slow, start: datetime, n: int) -> None:
    day, left, closes = start.astimezone(slow.zone).date(), n, 0
    end = start + timedelta(days=n)
    while left:
        day += timedelta(days=1)
        left -= slow.works(day)
    assert fast.add_working_days(start, n).at == slow.close(day)
    day = start.astimezone(slow.zone).date()
    while day <= end.astimezone(slow.zone).date():
        closes += slow.works(day) and start < slow.close(day) <= end
        day += timedelta(days=1)
    assert fast.closes_between(start, end) == closes


@settings(max_examples=25, deadline=None)
@given(
    SPECIALS, SPECIALS, shifts(), TURNS, st.dictionaries(DAYS, st.one_of(st.just(""), shifts()), max_size=3),
    st.lists(DAYS, min_size=5),
)
def test_a_county_has_its_own_day_or_hours_where_it_says_so_and_the_citys_elsewhere(
    city: dict[date, bool],
    own: dict[date, bool],
    base: str,
    turns: dict[date, str],
    local: dict[date, str],
    days: list[date],
) -> None:
    data = CalendarDays(
        {one: Day(works, NAME) for one, works in city.items()}, FIRST, LAST, tuple(sorted(turns.items())),
        {"130403": LocalDays({one: Day(works, NAME) for one, works in own.items()}, tuple(sorted(local.items())))},
    )  # fmt: skip
    book = Book(data, hours_of.read_hours(base))
    whole, county = book.of("130404"), book.of("130403")
    assert whole is book.of()
    said = Slow(city, base, turns, ZoneInfo("Asia/Shanghai"))
    for day in days:
        held = [local[since] for since in sorted(local) if since <= day and local[since]]
        is_own = [local[since] for since in sorted(local) if since <= day][-1:] == held[-1:] != []
        theirs = Slow({**city, **own}, held[-1] if is_own else base, {} if is_own else turns, said.zone)
        for one, oracle in ((whole, said), (county, theirs)):
            assert one.is_working(day) == oracle.works(day)
            assert one.close_of(day) == oracle.close(day)


@pytest.fixture(params=["America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])
def _host_elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    with host_in(request.param):
        yield


@pytest.mark.usefixtures("_host_elsewhere")
@settings(max_examples=12, deadline=None)
@given(MOMENTS, st.integers(1, 40), st.integers(1, 90 * 60))
def test_a_host_in_another_time_zone_reckons_the_same(start: datetime, n: int, minutes: int) -> None:
    home = ZoneInfo("Asia/Shanghai")
    slow = Slow({}, "09:00-12:00 13:30-18:00", {}, home)
    day, left = start.astimezone(home).date(), n
    while left:
        day += timedelta(days=1)
        left -= slow.works(day)
    city = PLAIN
    assert city.add_working_days(start, n).at == slow.close(day)
    for told in (start.astimezone(), start.astimezone(ZoneInfo("America/Lima"))):
        assert city.add_working_time(told, MINUTE * minutes) == city.add_working_time(start, MINUTE * minutes)


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ("", "至少要有一个时段"),
        ("9-12", "请写成"),
        ("09:00-12:00 茶", "请写成"),
        ("09:00-13:00 12:00-18:00", "两个时段重叠：前一段到 13:00，后一段从 12:00 开始"),
        ("12:00-09:00", "结束要晚于它的开始"),
        ("09:00-09:00", "结束要晚于它的开始"),
        ("09:00-12:00 12:00-18:00", "请合成一段"),
        ("13:30-18:00 09:00-12:00", "请从早到晚写"),
        ("09:00-25:00", "00:00 到 24:00"),
        ("09:75-12:00", "00:00 到 24:00"),
    ],
)
def test_hours_that_break_a_rule_are_refused_with_that_rule(told: str, rule: str) -> None:
    found = hours_of.fault(told)
    assert found is not None
    assert rule in found.zh


def test_hours_are_read_as_people_type_them() -> None:
    kept = hours_of.tidy(" 9：00—12：00，13:30 至 18:00 ")
    assert kept == "09:00-12:00 13:30-18:00"
    read: Hours = hours_of.read_hours(kept)
    assert read == ((9.0, 12.0), (13.5, 18.0))
