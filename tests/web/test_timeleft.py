"""The words, marks and looks of time left, one by one as the brief draws them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from hotline.errors import Say
from sla.calendar import Calendar
from web.timeleft import PAUSED, Term, decode, encode, time_left

REST = SimpleNamespace(is_working=False, name=Say("节", "holiday"))
WEEK = {date(2026, 10, day): REST for day in range(1, 8)}
CALENDAR = Calendar(WEEK, announced=(date(2026, 1, 1), date(2026, 12, 31)))


def city(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A wall-clock time of 2026, in UTC. 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def wd(due: datetime, **more: object) -> Term:
    return Term(unit="wd", start=city(16, 9), due=due, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("term", "now", "mark", "look", "zh", "en"),
    [
        (wd(city(26, 18)), city(24, 15), "○", "plain", "剩 2 个工作日 3 小时", "2 working days 3 h left"),
        (wd(city(26, 18)), city(24, 19), "○", "plain", "剩 2 个工作日", "2 working days left"),
        (wd(city(26, 18), warn=city(25, 18)), city(25, 19), "◑", "soon", "剩 1 个工作日", "1 working day left"),
        (wd(city(27, 18), warn=city(25, 18)), city(26, 0), "◑", "soon", "剩 1 个工作日", "1 working day left"),
        (wd(city(30, 18)), city(28, 12), "◑", "soon", "剩 1 个工作日", "1 working day left"),
        (wd(city(24, 18)), city(24, 9), "◕", "today", "今日 18:00 前", "Due today 18:00"),
        (wd(city(24, 18)), city(24, 18), "◕", "today", "今日 18:00 前", "Due today 18:00"),
        (wd(city(24, 18)), city(24, 18, 1), "▲", "late", "超期 1 天", "1 day overdue"),
        (wd(city(20, 18)), city(23, 9), "▲", "late", "超期 1 天", "1 day overdue"),
        (wd(city(20, 18)), city(27, 9), "▲", "late", "超期 5 天", "5 days overdue"),
        (wd(city(19, 18)), city(27, 9), "▲▲", "late-long", "超期 6 天", "6 days overdue"),
        (wd(city(20, 18), done=city(20, 18)), city(27, 9), "✓", "kept", "按时完成", "On time"),
        (wd(city(20, 18), done=city(23, 9)), city(27, 9), "✓", "kept-late", "超期 1 天完成", "1 day late"),
        (wd(city(20, 18), paused=PAUSED["needs_info"]), city(27, 9), "‖", "paused", "暂停 · 待市民补充",
         "Paused for requester"),
    ],
)
def test_working_day_promises_are_told_in_working_days(
    term: Term, now: datetime, mark: str, look: str, zh: str, en: str
) -> None:
    found = time_left(CALENDAR, term, now)
    assert (found.mark, found.look, found.say) == (mark, look, Say(zh, en))


@pytest.mark.parametrize(
    ("unit", "start", "due", "now", "mark", "zh"),
    [
        ("clock", city(23, 18), city(24, 18), city(24, 6), "○", "剩 12 小时 0 分"),
        ("clock", city(23, 18), city(24, 18), city(24, 12), "◑", "剩 6 小时 0 分"),
        ("clock", city(23, 18), city(24, 18), city(24, 17, 40), "◑", "剩 20 分"),
        ("clock", city(23, 18), city(24, 18), city(24, 18, 30), "▲", "超期 30 分"),
        ("clock", city(23, 18), city(24, 18), city(25, 20), "▲", "超期 26 小时"),
        ("clock", city(13, 18), city(14, 18), city(24, 18), "▲▲", "超期 240 小时"),
        ("h", city(23, 17), city(24, 11), city(23, 17, 30), "○", "剩 2 小时 30 分"),
        ("h", city(23, 17), city(24, 11), city(24, 8), "○", "剩 2 小时 0 分"),
        ("h", city(23, 17), city(24, 11), city(24, 10, 30), "◑", "剩 30 分"),
        ("h", city(20, 16), city(20, 18), city(23, 10), "▲", "超期 1 小时"),
    ],
)
def test_hour_promises_are_told_in_the_hours_they_run_in(
    unit: str, start: datetime, due: datetime, now: datetime, mark: str, zh: str
) -> None:
    found = time_left(CALENDAR, Term(unit=unit, start=start, due=due), now)
    assert (found.mark, found.say.zh) == (mark, zh)


def test_a_holiday_is_not_counted_among_the_days_left() -> None:
    term = Term(unit="wd", start=city(28, 9, month=9), due=city(9, 18, month=10))
    assert time_left(CALENDAR, term, city(30, 18, month=9)).say.zh == "剩 2 个工作日"


def test_a_chip_can_be_renewed_from_its_code_alone_and_what_is_over_is_not() -> None:
    term = wd(city(26, 18), warn=city(25, 18), is_provisional=True)
    assert decode(time_left(CALENDAR, term, city(24, 15)).code) == term
    assert time_left(CALENDAR, wd(city(26, 18), done=city(24, 9)), city(24, 15)).code == ""


@pytest.mark.parametrize(
    "code", ["", "wd", "wd.1.2.3", "year.1.2.0.0", "wd.-1.2.0.0", "wd.1.99999999999999.0.0", "wd.¹.2.0.0"]
)
def test_a_code_that_we_did_not_write_is_refused(code: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError: the caller leaves the chip out
        decode(code)


def test_codes_survive_the_way_there_and_back() -> None:
    for unit in ("wd", "h", "clock"):
        term = Term(unit=unit, start=city(1, 9), due=city(9, 18))
        assert decode(encode(term)) == term
