"""Working time: the official vectors, the edges of the day, and a slow oracle that counts minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import clock, seeds
from hotline.city_nouns import Day
from hotline.errors import Say
from sla.calendar import Calendar, read_hours, runs
from tests.vectors import OFFICIAL_2026

_COLUMNS, _ROWS = seeds.rows("calendar.csv")
CITY = Calendar({day: Day(works, Say(zh, en)) for day, works, zh, en in _ROWS})
_OFFICIAL = {row[0]: row[1] for row in _ROWS}
MINUTE = timedelta(minutes=1)
MOMENTS = st.datetimes(datetime(2025, 1, 2), datetime(2027, 6, 1), timezones=st.just(clock.CITY_ZONE))  # noqa: DTZ001 - Hypothesis wants them naive
"""From two years in the table into one that is not, to the microsecond."""
MINUTES = MOMENTS.map(lambda moment: moment.replace(second=0, microsecond=0))


def at(day: str, time: str = "10:00") -> datetime:
    hour, minute = map(int, time.split(":"))
    return clock.on(date.fromisoformat(day), hour, minute)


@pytest.mark.parametrize(("start", "n", "due"), OFFICIAL_2026)
@pytest.mark.parametrize("time", ["00:00", "09:00", "17:59", "23:59"])
def test_working_days_follow_the_official_arrangement_at_any_hour_of_the_start(
    start: str, n: int, due: str, time: str
) -> None:
    reckoned = CITY.add_working_days(at(start, time), n)
    assert reckoned.at == at(due, "18:00")
    assert not reckoned.provisional


def test_a_year_that_is_not_announced_counts_monday_to_friday_and_says_so() -> None:
    inside = CITY.add_working_days(at("2027-05-03"), 5)
    assert (inside.at, inside.provisional) == (at("2027-05-10", "18:00"), True)
    into = CITY.add_working_days(at("2026-12-31"), 1)
    assert (into.at, into.provisional) == (at("2027-01-01", "18:00"), True)
    assert not CITY.add_working_days(at("2026-12-30"), 1).provisional
    assert CITY.add_working_days(at("2024-12-30"), 5).provisional


def test_fifteen_working_days_filed_after_the_tenth_of_december_2026_fall_into_the_unknown_year() -> None:
    assert not CITY.add_working_days(at("2026-12-10"), 15).provisional
    assert CITY.add_working_days(at("2026-12-11"), 15).provisional


def test_when_the_next_year_is_loaded_the_same_promise_is_firm_and_may_move() -> None:
    days = {**CITY.days, date(2027, 1, 1): Day(is_working=False, name=Say("元旦", "New Year's Day"))}
    loaded = Calendar(days).add_working_days(at("2026-12-31"), 1)
    assert (loaded.at, loaded.provisional) == (at("2027-01-04", "18:00"), False)


def test_a_dispatch_on_a_rest_day_starts_with_the_next_working_day() -> None:
    for start in ("2026-02-21", "2026-02-22", "2026-02-23"):
        assert CITY.add_working_days(at(start), 1).at == at("2026-02-24", "18:00")
    assert CITY.add_working_days(at("2026-02-28"), 1).at == at("2026-03-02", "18:00")  # a Saturday that is worked


def test_a_due_date_lists_what_it_counted_and_what_it_skipped_by_name() -> None:
    reckoned = CITY.add_working_days(at("2026-02-13"), 5)
    assert [day.day for day in reckoned.counted] == [14, 24, 25, 26, 27]
    assert [day.day for day, _ in reckoned.skipped] == list(range(15, 24))
    assert dict(reckoned.skipped)[date(2026, 2, 17)] == Say("春节", "Spring Festival")
    assert list(runs(tuple(day for day, _ in reckoned.skipped))) == [(date(2026, 2, 15), date(2026, 2, 23))]


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (("2026-11-23", "09:00"), 2, ("2026-11-23", "11:00")),
        (("2026-11-23", "11:30"), 2, ("2026-11-23", "15:00")),
        (("2026-11-23", "10:00"), 2, ("2026-11-23", "12:00")),
        (("2026-11-23", "12:30"), 4.5, ("2026-11-23", "18:00")),
        (("2026-11-20", "17:00"), 4, ("2026-11-23", "12:00")),
        (("2026-11-21", "08:00"), 2, ("2026-11-23", "11:00")),
        (("2026-09-30", "17:30"), 2, ("2026-10-08", "10:30")),
        (("2026-02-13", "17:30"), 1, ("2026-02-14", "09:30")),
        (("2026-11-23", "03:00"), 7.5, ("2026-11-23", "18:00")),
    ],
)
def test_working_hours_run_only_while_the_city_works(
    start: tuple[str, str], hours: float, due: tuple[str, str]
) -> None:
    assert CITY.add_working_hours(at(*start), hours) == at(*due)


def test_no_hours_end_where_they_start_even_in_the_night() -> None:
    assert CITY.add_working_hours(at("2026-11-22", "03:00"), 0) == at("2026-11-22", "03:00")


def test_a_pause_spans_the_closes_that_fell_inside_it() -> None:
    friday, monday = "2026-11-20", "2026-11-23"
    assert CITY.closes_between(at(friday, "10:00"), at(friday, "17:59")) == 0
    assert CITY.closes_between(at(friday, "10:00"), at(friday, "18:00")) == 1
    assert CITY.closes_between(at(friday, "18:00"), at(monday, "17:00")) == 0
    assert CITY.closes_between(at(friday, "17:00"), at(monday, "18:01")) == 2


def test_a_city_with_other_hours_closes_at_its_own_time() -> None:
    early = Calendar({}, read_hours("08:00-11:30 14:00-17:30"))
    assert early.add_working_days(at("2026-11-23"), 1).at == at("2026-11-24", "17:30")
    assert early.add_working_hours(at("2026-11-23", "11:00"), 1) == at("2026-11-23", "14:30")


@pytest.mark.parametrize("text", ["", "9-12", "13:30-18:00 09:00-12:00", "09:00-13:00 12:00-18:00", "09:00-12:00 tea"])
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="09:00-12:00"):
        read_hours(text)


def test_a_date_beyond_the_table_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="1900 to 2199"):
        CITY.add_working_days(datetime(1899, 5, 1, tzinfo=UTC), 1)


def works(day: date) -> bool:
    """The oracle's own reading of the seed file."""
    return bool(_OFFICIAL.get(day, day.weekday() < 5))


def is_working_minute(moment: datetime) -> bool:
    local = moment.astimezone(clock.CITY_ZONE)
    minute = local.hour * 60 + local.minute
    return works(local.date()) and (9 * 60 <= minute < 12 * 60 or 13 * 60 + 30 <= minute < 18 * 60)


@given(MOMENTS, st.integers(1, 70))
def test_working_days_agree_with_counting_day_by_day(start: datetime, n: int) -> None:
    day, left = start.date(), n
    while left:
        day += timedelta(days=1)
        left -= works(day)
    reckoned = CITY.add_working_days(start, n)
    assert reckoned.at == clock.on(day, 18)
    assert len(reckoned.counted) == n == CITY.working_days_between(start, reckoned.at)
    assert len(reckoned.counted) + len(reckoned.skipped) == (day - start.date()).days


@settings(max_examples=60, deadline=None)
@given(MINUTES, st.integers(1, 1200))
def test_working_hours_agree_with_counting_minute_by_minute(start: datetime, minutes: int) -> None:
    moment, left = start.astimezone(UTC), minutes
    while left:
        left -= is_working_minute(moment)
        moment += MINUTE
    assert CITY.add_working_time(start, timedelta(minutes=minutes)) == moment


@settings(max_examples=60, deadline=None)
@given(MINUTES, st.integers(0, 20_000))
def test_working_time_between_agrees_with_counting_minute_by_minute(start: datetime, minutes: int) -> None:
    moment = start.astimezone(UTC)
    counted = sum(is_working_minute(moment + MINUTE * n) for n in range(minutes))
    assert CITY.working_time(start, moment + MINUTE * minutes) == MINUTE * counted
    assert CITY.working_hours_between(start, moment + MINUTE * minutes) == pytest.approx(counted / 60)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(hours=200)))
def test_time_added_is_time_between_to_the_microsecond(start: datetime, amount: timedelta) -> None:
    end = CITY.add_working_time(start, amount)
    assert CITY.working_time(start, end) == amount
    assert CITY.working_time(start, end - timedelta(microseconds=1)) < amount


@given(st.lists(MOMENTS, min_size=2, max_size=5))
def test_working_time_adds_up_along_the_way(moments: list[datetime]) -> None:
    moments.sort()
    assert sum((CITY.working_time(a, b) for a, b in pairwise(moments)), timedelta()) == CITY.working_time(
        moments[0], moments[-1]
    )
    assert sum(CITY.closes_between(a, b) for a, b in pairwise(moments)) == CITY.closes_between(moments[0], moments[-1])


@given(MOMENTS, MOMENTS, st.integers(1, 60))
def test_a_later_start_is_never_due_earlier(a: datetime, b: datetime, n: int) -> None:
    first, second = sorted((a, b))
    assert CITY.add_working_days(first, n).at <= CITY.add_working_days(second, n).at
    assert CITY.add_working_hours(first, n) <= CITY.add_working_hours(second, n)


@given(MOMENTS)
def test_the_day_before_is_the_last_worked_day_at_the_same_hour(moment: datetime) -> None:
    day = moment.date() - timedelta(days=1)
    while not works(day):
        day -= timedelta(days=1)
    found = CITY.day_before(moment).astimezone(clock.CITY_ZONE)
    assert found.date() == day
    assert found.time() == moment.time()
