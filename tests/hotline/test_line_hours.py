"""A line's hours: read as people write them, written one way, asked by the city's clock and calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import line_hours
from hotline.city_nouns import Day
from hotline.errors import Say

CITY = ZoneInfo("Asia/Shanghai")
OFFICE = "Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00"
HOLIDAYS = {
    date(2026, 10, 1): Day(is_working=False, name=Say("国庆节", "National Day")),
    date(2026, 10, 10): Day(is_working=True, name=Say("国庆节调休", "make-up day")),
}


def at(text: str) -> datetime:
    """A moment of the city's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("00:00-24:00", "00:00-24:00"),
        ("Mo-Su 00:00-24:00", "00:00-24:00"),
        ("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00"),
        ("mo".title() + "-Fr  09:00 - 12:00 , 13:30-17:00 ;Sa 09:00-12:00", OFFICE),
        ("Ｍｏ-Ｆｒ　09：00－12：00、13：30－17：00；Ｓａ 09：00－12：00", OFFICE),
        ("Sa-Mo 10:00-11:00", "Mo,Sa-Su 10:00-11:00"),
        ("22:00-06:00", "22:00-06:00"),
        ("Mo 09:00-10:00; We 09:00-10:00", "Mo,We 09:00-10:00"),
    ],
)
def test_hours_are_read_as_they_are_typed_and_written_one_way(typed: str, written: str) -> None:
    assert line_hours.write(typed) == written
    assert line_hours.write(written) == written


@pytest.mark.parametrize(
    "typed", ["", "all day", "25:00-26:00", "09:00", "09:00-09:00", "Xx 09:00-10:00", "09:00-12:00,11:00-13:00", ";;"]
)
def test_hours_that_mean_nothing_are_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the words
        line_hours.read(typed)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-25 09:00", True), ("2026-11-25 08:59", False), ("2026-11-25 12:00", False),
        ("2026-11-25 16:59", True), ("2026-11-28 11:00", True), ("2026-11-29 10:00", False),
        ("2026-10-01 10:00", False), ("2026-10-10 16:00", True),
    ],
)  # fmt: skip
def test_a_line_is_open_by_the_citys_clock_and_a_holiday_is_a_sunday(moment: str, is_open: bool) -> None:
    assert line_hours.is_open(OFFICE, at(moment), HOLIDAYS) is is_open
    assert line_hours.is_open(OFFICE, at(moment).astimezone(ZoneInfo("UTC")), HOLIDAYS) is is_open


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = "Fr 22:00-06:00"
    assert line_hours.is_open(night, at("2026-11-28 05:59"), {})
    assert not line_hours.is_open(night, at("2026-11-28 06:00"), {})
    assert not line_hours.is_open(night, at("2026-11-27 05:00"), {})


def test_hours_are_said_in_both_languages() -> None:
    assert line_hours.say("00:00-24:00") == Say("全天 24 小时", "around the clock")
    said = line_hours.say(OFFICE)
    assert said.zh == "周一至周五 09:00-12:00、13:30-17:00；周六 09:00-12:00"
    assert said.en == "Mon to Fri 09:00-12:00, 13:30-17:00; Sat 09:00-12:00"


@given(st.text(max_size=40))
def test_no_text_makes_the_reader_fail_in_another_way(text: str) -> None:
    try:
        written = line_hours.write(text)
    except ValueError:
        return
    assert line_hours.write(written) == written
