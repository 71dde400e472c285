"""Which promise applies, when it is due and warned of, and what a pause or an extension makes of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline import clock, seeds
from hotline.city_nouns import Day
from hotline.errors import Say
from sla import explain, history, picture, targets
from sla.calendar import Calendar

_COLUMNS, _ROWS = seeds.rows("calendar.csv")
CITY = Calendar({day: Day(works, Say(zh, en)) for day, works, zh, en in _ROWS})
MOMENTS = st.datetimes(datetime(2025, 1, 2), datetime(2026, 10, 1), timezones=st.just(clock.CITY_ZONE))  # noqa: DTZ001 - Hypothesis wants them naive
PROMISES = [(code, stage) for code, one in targets.PROFILES.items() for stage in (*one.stages, *targets.COMMON)]


def at(day: str, time: str = "10:00") -> datetime:
    hour, minute = map(int, time.split(":"))
    return clock.on(date.fromisoformat(day), hour, minute)


@pytest.mark.parametrize(
    ("kind", "urgency", "matter", "profile"),
    [
        ("assistance", "normal", "UTIL24H", "UTIL24H"),
        ("complaint", "urgent", "MKT7_45", "MKT7_45"),
        ("complaint", "normal", None, "STD5"),
        ("enquiry", "normal", "CPX15", "CON1"),
        ("report", "normal", "STD5", "RPT15"),
        ("praise", "normal", "STD5", "NOTICE3"),
        ("suggestion", "normal", "CPX15", "STD5"),
        ("enquiry", "critical", "CON1", "EMG2H"),
        ("praise", "critical", None, "EMG2H"),
    ],
)
def test_critical_beats_the_kind_and_the_kind_beats_the_matter(
    kind: str, urgency: str, matter: str | None, profile: str
) -> None:
    assert targets.profile_for(kind, urgency, matter) == profile


@pytest.mark.parametrize(
    ("profile", "stage", "due"),
    [
        ("STD5", "accept", ("2026-11-23", "10:00")),
        ("EMG2H", "accept", ("2026-11-20", "17:15")),
        ("STD5", "dispatch", ("2026-11-23", "12:00")),
        ("EMG2H", "first_contact", ("2026-11-20", "17:30")),
        ("EMG2H", "feedback", ("2026-11-20", "19:00")),
        ("EMG2H", "finish", ("2026-11-21", "17:00")),
        ("UTIL24H", "sign_off", ("2026-11-20", "17:30")),
        ("UTIL24H", "finish", ("2026-11-21", "17:00")),
        ("CON1", "sign_off", ("2026-11-23", "12:00")),
        ("CON1", "finish", ("2026-11-23", "18:00")),
        ("STD5", "sign_off", ("2026-11-23", "18:00")),
        ("STD5", "first_contact", ("2026-11-23", "18:00")),
        ("STD5", "finish", ("2026-11-27", "18:00")),
        ("CPX15", "finish", ("2026-12-11", "18:00")),
        ("RPT15", "finish", ("2026-12-11", "18:00")),
        ("MKT7_45", "admit", ("2026-12-01", "18:00")),
        ("NOTICE3", "finish", ("2026-11-25", "18:00")),
        ("STD5", "audit", ("2026-11-23", "18:00")),
        ("STD5", "visit", ("2026-11-23", "18:00")),
        ("STD5", "order_reply", ("2026-11-25", "18:00")),
        ("STD5", "correction", ("2026-12-04", "18:00")),
    ],
)
def test_each_stage_is_due_when_its_profile_says(profile: str, stage: str, due: tuple[str, str]) -> None:
    start = at("2026-11-20", "17:00")  # a Friday
    promise = targets.due(CITY, profile, stage, start)
    assert promise.due_at == at(*due)
    assert (promise.stage, promise.profile, promise.start) == (stage, profile, start)


def test_a_report_promises_no_contact() -> None:
    assert "first_contact" not in targets.DEFAULTS.stages("RPT15")
    with pytest.raises(KeyError):
        targets.due(CITY, "RPT15", "first_contact", at("2026-11-20"))


def test_a_round_the_clock_promise_does_not_care_for_holidays_or_unknown_years() -> None:
    promise = targets.due(CITY, "UTIL24H", "finish", at("2027-02-06", "23:00"))
    assert promise.due_at == at("2027-02-07", "23:00")
    assert not promise.provisional
    assert targets.due(CITY, "STD5", "finish", at("2026-12-31")).provisional
    assert targets.due(CITY, "CON1", "sign_off", at("2026-12-31", "17:00")).provisional


def test_yellow_is_one_working_day_before_due_when_that_is_the_later() -> None:
    promise = targets.due(CITY, "CPX15", "finish", at("2026-11-20"))
    assert targets.warn_at(CITY, promise) == at("2026-12-10", "18:00")


def test_yellow_is_three_quarters_of_the_working_time_when_that_is_the_later() -> None:
    promise = targets.due(CITY, "CON1", "finish", at("2026-11-23", "10:00"))  # 6.5 h of today and 7.5 h tomorrow
    assert targets.warn_at(CITY, promise) == at("2026-11-24", "13:30") + timedelta(hours=1)


def test_yellow_of_a_day_around_the_clock_comes_after_eighteen_hours() -> None:
    promise = targets.due(CITY, "UTIL24H", "finish", at("2026-11-21", "12:00"))
    assert targets.warn_at(CITY, promise) == at("2026-11-22", "06:00")


@given(st.sampled_from(PROMISES), MOMENTS)
def test_yellow_never_comes_before_the_start_nor_after_due(promised: tuple[str, str], start: datetime) -> None:
    promise = targets.due(CITY, *promised, start)
    assert promise.start <= targets.warn_at(CITY, promise) <= promise.due_at
    assert promise.start < promise.due_at


def test_a_pause_of_working_days_adds_the_closes_it_held() -> None:
    due = at("2026-11-27", "18:00")
    assert targets.after_pause(CITY, due, "wd", at("2026-11-24", "09:00"), at("2026-11-24", "17:00")) == due
    assert targets.after_pause(CITY, due, "wd", at("2026-11-24", "17:00"), at("2026-11-25", "09:00")) == at(
        "2026-11-30", "18:00"
    )
    # over a weekend only the close of Friday counts
    assert targets.after_pause(CITY, due, "wd", at("2026-11-20", "17:00"), at("2026-11-23", "09:00")) == at(
        "2026-11-30", "18:00"
    )


def test_a_pause_of_hours_adds_its_length_in_the_same_hours() -> None:
    due = at("2026-11-23", "11:00")
    assert targets.after_pause(CITY, due, "h", at("2026-11-20", "17:00"), at("2026-11-23", "10:00")) == at(
        "2026-11-23", "14:30"
    )
    assert targets.after_pause(CITY, due, "clock", at("2026-11-20", "17:00"), at("2026-11-20", "20:00")) == at(
        "2026-11-23", "14:00"
    )


def test_a_pause_after_the_due_date_undoes_no_lateness() -> None:
    due = at("2026-11-23", "18:00")
    for unit in ("wd", "h", "clock"):
        assert targets.after_pause(CITY, due, unit, at("2026-11-24"), at("2026-12-01")) == due


@given(st.sampled_from(["wd", "h", "clock"]), MOMENTS, st.lists(MOMENTS, min_size=3, max_size=3))
def test_a_pause_cut_in_two_adds_the_same(unit: str, start: datetime, cuts: list[datetime]) -> None:
    a, b, c = sorted(cuts)
    due = targets.extended(CITY, max(start, c), unit, 3)
    whole = targets.after_pause(CITY, due, unit, a, c)
    assert targets.after_pause(CITY, targets.after_pause(CITY, due, unit, a, b), unit, b, c) == whole >= due


def test_an_extension_counts_from_the_old_due_date() -> None:
    assert targets.extended(CITY, at("2026-02-13", "18:00"), "wd", 2) == at("2026-02-24", "18:00")
    assert targets.extended(CITY, at("2026-11-20", "17:00"), "h", 2) == at("2026-11-23", "10:00")
    assert targets.extended(CITY, at("2026-11-20", "17:00"), "clock", 24) == at("2026-11-21", "17:00")


def test_the_citys_rules_and_the_defaults_of_the_code_are_the_same_numbers() -> None:
    _, rules = seeds.rows("rules.csv")
    clocks = {key.removeprefix("clock."): (float(value), unit) for key, value, unit, *_ in rules
              if key.startswith("clock.")}
    assert targets.book(clocks) == targets.DEFAULTS
    assert len(clocks) == len(targets.COMMON) + sum(
        len(one.stages) + (one.extension is not None) for one in targets.PROFILES.values()
    )


def test_a_number_the_city_sets_moves_the_due_date() -> None:
    own = targets.book({"STD5.finish": (3, "wd"), "EMG2H.sign_off": (10, "minutes"), "visit": (2, "wd")})
    assert targets.due(CITY, "STD5", "finish", at("2026-11-20"), own).due_at == at("2026-11-25", "18:00")
    assert targets.due(CITY, "EMG2H", "sign_off", at("2026-11-20"), own).due_at == at("2026-11-20", "10:10")
    assert targets.due(CITY, "CPX15", "visit", at("2026-11-20"), own).due_at == at("2026-11-24", "18:00")
    assert targets.due(CITY, "CPX15", "finish", at("2026-11-20"), own) == targets.due(
        CITY, "CPX15", "finish", at("2026-11-20")
    )


def test_a_due_date_explains_itself_in_both_languages() -> None:
    promise = targets.due(CITY, "STD5", "finish", at("2026-02-13", "11:00"))
    assert explain.headline(CITY, promise) == Say(
        "为何 2月27日（周五）18:00？ 档案 STD5：办结 5 个工作日", "Why Fri 27 Feb, 18:00? STD5, finish: 5 working days"
    )
    said = explain.explain(CITY, promise)
    assert said.zh == "次日起数，当日不算；跳过 2月15–23日（春节）；2月14日补班，算 1 天；无暂停、无延期。"
    assert "skips 15–23 Feb (Spring Festival)" in said.en


def test_the_picture_of_a_due_date_has_a_cell_a_day() -> None:
    promise = targets.due(CITY, "STD5", "finish", at("2026-02-13", "11:00"))
    cells = picture.days(CITY, promise)
    assert [cell.day.day for cell in cells] == list(range(13, 28))
    assert [(cell.day.day, cell.n) for cell in cells if cell.mark == picture.COUNTED] == [
        (14, 1), (24, 2), (25, 3), (26, 4), (27, 5),
    ]  # fmt: skip
    assert (cells[0].mark, cells[1].is_make_up, cells[-1].is_due) == (picture.START, True, True)
    assert {cell.name.zh for cell in cells if cell.day.day in range(16, 24)} == {"春节"}  # the weekend inside too


def test_a_paused_day_is_hatched_and_not_counted() -> None:
    promise = targets.due(CITY, "STD5", "finish", at("2026-11-20"))
    pause = history.Pause(at("2026-11-24", "09:00"), at("2026-11-26", "09:00"), "needs_info")
    more = history.Extension(2, "wd", "协调办公室")
    due, _ = history.reckon(CITY, promise.start, "wd", 5, [pause, more])
    moved = msgspec.structs.replace(promise, due_at=due)
    cells = picture.days(CITY, moved, [pause, more])
    assert [cell.day.day for cell in cells if cell.mark == picture.PAUSED] == [24, 25]
    assert max(cell.n for cell in cells) == 7, "five promised and two added"
    assert [cell.day.day for cell in cells if cell.more] == [2, 3]
    assert [(one.span, one.act) for one in picture.added(cells, [pause, more])] == [(12, None), (2, more)]
    said = explain.explain(CITY, moved, [pause, more], explain.Ground(version=2))
    assert "11月24日 至 11月26日 暂停（等诉求人补充），顺延 2 个工作日" in said.zh
    assert "延期 2 个工作日（协调办公室 批准），到 12月3日" in said.zh
    assert "按档案第 2 版" in said.zh
    theirs = explain.told(CITY, moved, [pause, more])
    assert "等您补充的时间不算；热线中心同意延后 2 个工作日" in theirs.zh
    assert "协调办公室" not in theirs.zh


@given(MOMENTS, st.integers(1, 20), st.integers(0, 300), st.integers(1, 300), st.integers(1, 15))
def test_the_picture_counts_what_was_promised_and_what_was_added(
    start: datetime, amount: int, after: int, hours: int, more: int
) -> None:
    begins = start + timedelta(hours=after)
    assume(begins < targets.ends(CITY, start, "wd", amount)[0])  # one that is over cannot stand still
    acts = [
        history.Pause(begins, begins + timedelta(hours=hours), "needs_info"), history.Extension(more, "wd", "x"),
    ]  # fmt: skip
    due, provisional = history.reckon(CITY, start, "wd", amount, acts)
    promise = targets.Promise(
        stage="finish", profile="STD5", start=start, due_at=due, provisional=provisional, unit="wd", amount=amount
    )
    cells = picture.days(CITY, promise, acts)
    gained = cells[0].mark == picture.PAUSED  # the close of the first day, which was not to be counted (rules.md 6)
    assert max(cell.n for cell in cells) == amount + more + gained
    assert sum(one.span for one in picture.added(cells, acts)) == len(cells)
    assert cells[-1].is_due


def test_an_extension_given_while_a_promise_stands_leaves_its_open_pause_the_last_act() -> None:
    pause, more = history.Pause(at("2026-11-24"), None, "suspended"), history.Extension(3, "wd")
    assert history.added([pause], more) == [more, pause]
    assert history.added([], more) == [more]


def test_hours_have_a_picture_too() -> None:
    promise = targets.due(CITY, "CON1", "sign_off", at("2026-11-20", "16:00"))  # Friday: two hours, two on Monday
    cells = picture.days(CITY, promise)
    assert [(cell.day.day, cell.mark, cell.hours) for cell in cells] == [
        (20, picture.COUNTED, 2.0), (21, picture.REST, 0.0), (22, picture.REST, 0.0), (23, picture.COUNTED, 2.0),
    ]  # fmt: skip
    clock = targets.due(CITY, "UTIL24H", "finish", at("2026-11-20", "16:00"))
    assert [(cell.day.day, cell.hours) for cell in picture.days(CITY, clock)] == [(20, 8.0), (21, 16.0)]


def test_a_share_beside_others_says_what_the_profile_gives() -> None:
    promise = msgspec.structs.replace(targets.due(CITY, "STD5", "finish", at("2026-11-20")), amount=4.0)
    ground = explain.Ground(version=1, given=targets.Target(5, "wd"))
    assert "档案给 5 个工作日，这一件按并联办理定为 4 个工作日" in explain.explain(CITY, promise, (), ground).zh
    same = msgspec.structs.replace(promise, amount=5.0)
    assert "档案给" not in explain.explain(CITY, same, (), ground).zh


def test_a_provisional_date_says_so() -> None:
    said = explain.explain(CITY, targets.due(CITY, "CPX15", "finish", at("2026-12-18")))
    assert "暂定" in said.zh
    assert "provisional" in said.en
