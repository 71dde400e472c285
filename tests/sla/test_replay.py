"""What if: histories whose outcome is worked out by hand, and what must hold for any history."""

from __future__ import annotations

import gzip
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import Refusal, Say
from sla import replay_file, replay_scenario, replay_sums, targets
from sla.calendar import CITY_ZONE, Calendar
from sla.history import Extension, Pause
from sla.replay import Calendars, Outcome, Past, replay
from sla.replay_queue import Jobs, Staff, run, serve, services
from sla.replay_scenario import Scenario
from sla.targets import Target

DAYS = Calendar({}, announced=(date(2026, 1, 1), date(2026, 12, 31)))
MONDAY = datetime(2026, 3, 2, tzinfo=CITY_ZONE)
NOW = datetime(2026, 6, 1, tzinfo=CITY_ZONE)


def at(day: int, hour: float = 9) -> datetime:
    """A moment ``day`` days after Monday, 2 March 2026."""
    return MONDAY + timedelta(days=day, hours=hour)


def a_past(start: datetime, end: datetime | None, amount: float = 5, **change: Any) -> Past:
    """A finish promise of STD5 in working days, as our clocks reckon it."""
    given: dict[str, Any] = {"ref": "1", "unit": "A", "stage": "finish", "profile": "STD5", "measure": "wd"}
    due = targets.ends(DAYS, start, "wd", amount)[0]
    return Past(**{**given, "start": start, "end": end, "due": due, "amount": amount, **change})


def tried(pasts: list[Past], **change: Any) -> Outcome:
    """The outcome of a scenario over March 2026."""
    one = Scenario(**{"since": date(2026, 3, 2), "until": date(2026, 3, 29), **change})
    replay_scenario.check(one, targets.DEFAULTS)
    return replay(pasts, replay_scenario.rules(one, replay_scenario.over(one, DAYS), NOW))


def std5(finish: float) -> dict[str, dict[str, Target]]:
    """STD5 with another time to finish."""
    return {"STD5": {**targets.PROFILES["STD5"].stages, "finish": Target(finish, "wd")}}


def test_a_shorter_profile_breaks_what_was_finished_between_the_two_dates() -> None:
    # From Monday: 5 working days end next Monday, 3 end on Thursday at 18:00.
    rows = [a_past(at(0), at(3, 18)), a_past(at(0), at(4), ref="2"), a_past(at(0), at(8), ref="3")]
    outcome = tried(rows, profiles=std5(3))
    t = outcome.totals
    assert (t.promised, t.kept, t.broken, t.would_break, t.newly, t.saved) == (3, 2, 1, 2, 1, 0)
    assert [(one.ref, one.due_then) for one in outcome.newly] == [("2", at(3, 18))]
    week, second, *_ = replay_sums.weeks(outcome)
    assert (week.promised, week.broken, week.would_break, week.newly) == (3, 1, 2, 1)
    assert (week.queue, week.overdue, week.overdue_then) == (1, 0, 1)  # the third: due Monday, or Thursday already
    assert (second.queue, second.overdue_then) == (0, 0)


def test_a_holiday_more_moves_the_date_a_day_and_a_make_up_day_brings_it_back() -> None:
    past = a_past(at(0), at(8))  # due Monday 9 March, finished on Tuesday
    assert tried([past], rest_days=(date(2026, 3, 4),)).totals.saved == 1
    both = {"rest_days": (date(2026, 3, 4),), "work_days": (date(2026, 3, 7),)}
    assert tried([past], **both).totals.saved == 0


def test_shorter_hours_move_hour_promises_and_no_promise_around_the_clock() -> None:
    hour = a_past(at(0), at(0, 16.5), stage="sign_off", measure="h", amount=4, due=at(0, 14.5))
    clock = a_past(at(0), at(1), stage="sign_off", measure="clock", amount=24, due=at(1))
    outcome = tried([hour, clock], hours="09:00-11:00 15:00-17:30")
    assert (outcome.totals.broken, outcome.totals.would_break) == (1, 0)  # 2 h to 11:00, 2 h from 15:00: 17:00


def test_pauses_and_extensions_stand_as_they_were_under_another_profile() -> None:
    acts = (Pause(at(1), at(3), "needs_info"), Extension(2, "wd", "city"))
    past = a_past(at(0), at(10), acts=acts, due=at(11, 18))  # 5 wd + 2 closes + 2 wd: Thursday of the second week
    assert tried([past]).totals.broken == 0
    outcome = tried([past], profiles=std5(3))  # Thursday 5th + 2 + 2: Wednesday 11th, finished on Thursday 12th
    assert outcome.newly[0].due_then == at(9, 18)


def test_a_unit_goes_by_its_own_county_s_calendar_and_a_statute_s_time_stays() -> None:
    off = Scenario(since=at(0).date(), until=at(0).date(), rest_days=(at(1).date(),))
    feast = replay_scenario.over(off, DAYS).after
    rows = [a_past(at(0), at(4), unit=unit) for unit in "AB"] + [a_past(at(0), at(4), is_lawful=True)]
    one = Scenario(since=at(0).date(), until=at(20).date(), profiles=std5(3))
    rules = replay_scenario.rules(one, replay_scenario.over(one, DAYS), NOW, {"B": Calendars(feast, feast)})
    outcome = replay(rows, rules)
    assert [(one.unit, one.due_then) for one in outcome.newly] == [("A", at(3, 18))]  # B has until Friday
    assert outcome.reported.by_law == 1


def test_a_date_set_by_hand_is_reported_and_stays_under_another_calendar() -> None:
    outcome = tried([a_past(at(0), at(8), due=at(4, 18))], rest_days=(date(2026, 3, 4),))
    assert outcome.reported.set_by_hand == 1
    assert outcome.totals.would_break == 1


def test_what_cannot_be_judged_is_reported_and_not_guessed() -> None:
    rows = [
        a_past(at(0), at(1), due=None), a_past(at(1), at(0)), a_past(at(1), at(0), due=None), a_past(at(0), None),
        a_past(at(0), None, unit="B", due=at(900)), a_past(at(0), at(1)),
    ]  # fmt: skip
    outcome = tried(rows, staff={"B": Staff(handlers=2)})
    r, t = outcome.reported, outcome.totals
    assert (r.no_target, r.before_opened, r.before_opened_with_target, r.before_opened_by_date) == (2, 2, 1, 1)
    assert (r.open_in_queue, t.promised, t.open, t.kept, t.broken) == (1, 3, 2, 1, 1)
    with pytest.raises(Refusal, match="nothing_in_period"):
        tried([a_past(at(60), at(61))])


def the_three() -> Jobs:
    """Three cases of one hand: 3 h from 09:00; 1.5 h of work from noon; 3 h from 16:00 into Tuesday."""
    jobs = Jobs()
    for start, end in ((at(0, 9), at(0, 12)), (at(0, 10), at(0, 15)), (at(0, 16), at(1, 10))):
        jobs.add(a_past(start, end), at(4, 18))
    return jobs


def test_three_cases_wait_for_hands_as_worked_out_by_hand() -> None:
    def ends(staff: Staff, order: str = "fifo") -> list[datetime]:
        return run(DAYS, DAYS, the_three(), staff, order, at(0, 0))[0]

    assert services([0, 10, 55], [30, 45, 85], 1) == [30, 15, 30]
    assert ends(Staff()) == [at(0, 12), at(0, 15), at(1, 10)]
    assert ends(Staff(handlers=2)) == [at(0, 12), at(0, 11.5), at(1, 10)]
    assert ends(Staff(capacity=3)) == [at(0, 11.5), at(0, 15.5), at(1, 9.5)]  # 2.5 working hours each
    assert serve([0, 1, 2], [3, 1, 1], 1, "due", [0, 0, 0], [9, 8, 7]) == [3, 5, 4]  # the nearer date first


def test_longer_queues_are_named_with_the_unit_and_the_week() -> None:
    rows = [a_past(at(n), at(n, 16.5), ref=str(n)) for n in range(5)] + [a_past(at(0), at(0, 10), unit="B")]
    outcome = tried(rows, staff={"A": Staff(capacity=0.4)})  # two and a half days each
    ((unit, by),) = replay_sums.grew(outcome)
    assert (unit.unit, by) == ("A", 3)  # by Friday two are done
    assert outcome.totals.newly == 2  # due on the 12th and 13th, done on the 13th and 18th
    assert outcome.model == outcome.totals.broken == 0


moments = st.integers(0, 20 * 24 * 4).map(lambda n: MONDAY + timedelta(minutes=15 * n))
histories = st.lists(st.tuples(moments, st.integers(0, 600)), min_size=1, max_size=25).map(
    lambda rows: [
        a_past(start, start + timedelta(hours=n / 4), ref=str(i), unit="AB"[i % 2], amount=1 + n % 7)
        for i, (start, n) in enumerate(rows)
    ]
)


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(1, 4))
def test_the_same_rules_and_hands_give_what_really_happened(rows: list[Past], hands: int) -> None:
    plain = tried(rows)
    staffed = tried(rows, staff={"*": Staff(handlers=hands, now=hands)})
    assert plain.weeks == staffed.weeks
    for outcome in (plain, staffed):
        assert outcome.totals.broken == outcome.totals.would_break == sum(p.end > p.due for p in rows)  # type: ignore[operator]
        assert all((w.queue, w.overdue) == (w.queue_then, w.overdue_then) for w in outcome.weeks)


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(1, 20))
def test_a_longer_promise_never_breaks_more(rows: list[Past], amount: int) -> None:
    shorter, longer = (tried(rows, profiles=std5(n)) for n in (amount, amount + 1))
    assert longer.totals.would_break <= shorter.totals.would_break
    assert all(a.overdue_then >= b.overdue_then for a, b in zip(shorter.weeks, longer.weeks, strict=False))


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(1, 3), st.sampled_from(["fifo", "as_was"]))
def test_more_hands_never_make_a_queue_longer(rows: list[Past], hands: int, order: str) -> None:
    fewer, more = (tried(rows, staff={"*": Staff(handlers=n, now=2)}, order=order) for n in (hands, hands + 1))
    lengths = {(w.unit, w.week): w.queue_then for w in fewer.weeks}
    assert all(w.queue_then <= lengths.get((w.unit, w.week), 0) for w in more.weeks)
    assert more.totals.would_break <= fewer.totals.would_break


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"until": date(2026, 3, 1)}, "until", "早于"),
        ({"until": date(2036, 3, 1)}, "until", "五年"),
        ({"profiles": {"STD9": {}}}, "profile", "没有“STD9”"),
        ({"profiles": std5(-3)}, "profile", "大于 0"),
        ({"profiles": std5(2.5)}, "profile", "整数"),
        ({"profiles": {"STD5": {"finish": Target(3, "wd")}}}, "profile", "缺环节：first_contact"),
        ({"profiles": {"STD5": {"finnish": Target(3, "wd")}}}, "profile", "不认得"),
        ({"hours": "09:00-12:00 11:00-18:00"}, "hours", "不重叠"),
        ({"rest_days": (date(2026, 3, 4),), "work_days": (date(2026, 3, 4),)}, "calendar", "既放假又上班"),
        ({"staff": {"A": Staff(handlers=0)}}, "staff", "大于 0"),
    ],
)
def test_what_cannot_be_replayed_is_refused_by_field(change: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        tried([a_past(at(0), at(1))], **change)
    assert says in refused.value.fields[field].zh


def test_files_are_read_or_refused_with_a_sentence() -> None:
    read = replay_scenario.read_profiles('[STD5]\nfinish = "3 wd"\nsign_off = "30 minutes"')
    assert read == {"STD5": {"finish": Target(3, "wd"), "sign_off": Target(0.5, "clock")}}
    assert replay_scenario.read_profiles('{"STD5": {"finish": "3 wd"}}')["STD5"]["finish"].amount == 3
    assert replay_scenario.read_calendar("rest_days = [2026-05-06]")["rest_days"] == (date(2026, 5, 6),)
    assert replay_scenario.read_staff("unit,handlers,now\nA,3,2\n") == {"A": Staff(handlers=3, now=2)}
    assert replay_scenario.read_staff("4") == {"*": Staff(handlers=4)}
    wrong: list[tuple[Any, str, str]] = [
        (replay_scenario.read_profiles, "STD5", "TOML"), (replay_scenario.read_profiles, "STD5 = 3", "各环节"),
        (replay_scenario.read_profiles, "[STD5]\nfinish = 3", "3 wd"), (replay_scenario.read_profiles, "", "没有"),
        (replay_scenario.read_calendar, "holidays = []", "holidays"),
        (replay_scenario.read_calendar, 'rest_days = ["soon"]', "soon"),
        (replay_scenario.read_staff, "unit,people\nA,3", "unit"),
        (replay_scenario.read_staff, "unit,handlers\nA,x", "A"),
        (replay_scenario.read_staff, "unit,handlers\n", "没有单位"),
    ]  # fmt: skip
    for reads, text, says in wrong:
        with pytest.raises(Refusal) as refused:
            reads(text)
        assert any(says in say.zh for say in refused.value.fields.values()), (text, refused.value.fields)


def test_an_export_is_read_by_its_own_columns_and_strange_ones_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.csv.gz"
    file.write_bytes(gzip.compress(b"ID,OPEN,TARGET,DONE,DEPT\n7,03/02/2026 09:00,,03/03/2026 10:00,Roads\n"))
    named = {"number": "ID", "opened": "OPEN", "target": "TARGET", "closed": "DONE", "unit": "DEPT"}
    (past,) = replay_file.read(file, replay_file.Shape(columns=named, dates="%m/%d/%Y %H:%M"))
    assert (past.ref, past.unit, past.start, past.due, past.end) == ("7", "Roads", at(0, 9), None, at(1, 10))
    plain = tmp_path / "plain.csv"
    for text, says in (
        ("opened,closed,target,colour\n", "colour"), ("opened,closed\n", "target"),
        ("opened,closed,target\nyesterday,,\n", "第 2 行"), ("opened,closed,target\n,,2026-03-02\n", "没有受理时间"),
        ("opened,closed,target\n2026-03-02\n", "少了列"),
    ):  # fmt: skip
        plain.write_text(text, encoding="utf-8")
        with pytest.raises(Refusal) as refused:
            list(replay_file.read(plain, replay_file.Shape()))
        assert says in refused.value.fields["history"].zh


def test_a_profile_is_told_by_the_row_or_follows_from_kind_and_matter(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        "opened,closed,target,kind,matter,profile\n" + "".join(
            f"2026-03-02T09:00,,2026-03-09T18:00,{rest}\n" for rest in (",,LAW60", "enquiry,,", ",030401,", ",,")
        ),
        encoding="utf-8",
    )  # fmt: skip
    found = replay_file.read(file, replay_file.Shape(profile="CPX15", matters={"030401": "UTIL24H"}))
    assert [past.profile for past in found] == ["LAW60", "CON1", "UTIL24H", "CPX15"]
    assert Say("", "") not in replay_sums.REPORTED.values()
