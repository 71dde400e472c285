"""Dispatch rules: the first that holds wins; whatever errs is passed over, named, switched off, and never blocks."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import city, db
from hotline.actor import SYSTEM
from routing import book, rulebook, rules
from routing.facts import FLAGS, Facts
from routing.rules import Condition, Rule
from tests import builders as b

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 26)


def a_rule(**change: object) -> Rule:
    """A live rule for words about noise, to the environment bureau."""
    given_ = {
        "id": 1, "place": 1, "name": "夜间噪声", "unit": "CGB", "state": "live", "author": uuid4(),
        "conditions": (Condition("words", "has_any", ("噪声",)),), "valid_from": date(2026, 1, 1),
    }  # fmt: skip
    return Rule(**{**given_, **change})  # type: ignore[arg-type]


values = st.lists(st.sampled_from(["020201", "130403", "any", "22:00-06:00", "", "噪声", "web", "6", "rest", "minor"]),
                  max_size=3).map(tuple)  # fmt: skip
conditions = st.builds(
    Condition,
    st.sampled_from(["line", "channel", "matter", "county", "words", "hours", "weekday", "day", "flags", "about", "?"]),
    st.sampled_from(["one_of", "none_of", "begins", "has_any", "has_none", "between", "?"]),
    values,
)
some_rules = st.lists(
    st.builds(
        a_rule, id=st.integers(1, 50), place=st.integers(1, 50), conditions=st.lists(conditions, max_size=2).map(tuple),
        unit=st.sampled_from(["CGB", "130403", "@place", "@department", "@superior", "@nobody", "GONE"]),
        state=st.sampled_from(["live", "draft", "off", "faulty"]),
        co_handlers=st.sampled_from([(), ("EEB",), ("GONE",)]),
    ),
    max_size=6,
)
some_facts = st.builds(
    Facts, matter=st.sampled_from(["", "020201"]), county=st.sampled_from(["", "130403"]),
    about=st.sampled_from(["", "CGB", "130403"]), words=st.sampled_from(["", "半夜噪声大"]),
    minute=st.integers(0, 1439), weekday=st.integers(1, 7), flags=st.lists(st.sampled_from(FLAGS)).map(tuple),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(some_rules, some_facts)
def test_whatever_the_rules_say_there_is_one_answer_and_the_earliest_that_holds_gives_it(
    database: object, found: list[Rule], facts: Facts
) -> None:
    snapshot = city.current()
    order = rules.in_force(found, DAY)
    answer = rules.first(order, facts, snapshot, DAY)
    bad = {id(one.rule) for one in answer.faults}
    assert all(one.code in rules.FAULTS for one in answer.faults)
    for rule in order:
        if answer.match is not None and rule is answer.match.rule:
            assert rules.holds(rule, facts)
            break
        if id(rule) not in bad:
            assert not rules.holds(rule, facts)
    if answer.match is not None and answer.match.unit is not None:
        unit = snapshot.unit(answer.match.unit, DAY)
        assert unit is not None
        assert unit.is_on
        assert unit.code != facts.about
        assert unit.code not in answer.match.co_handlers


def test_hours_run_over_midnight_and_nonsense_is_a_fault(database: object) -> None:
    night = a_rule(conditions=(Condition("hours", "between", ("22:00-06:00",)),))
    assert rules.holds(night, Facts(minute=23 * 60))
    assert rules.holds(night, Facts(minute=5 * 60 + 59))
    assert not rules.holds(night, Facts(minute=6 * 60))
    broken = a_rule(conditions=(Condition("hours", "between", ("夜里",)),))
    answer = rules.first([broken, a_rule(id=2)], Facts(words="噪声"), city.current(), DAY)
    assert [one.code for one in answer.faults] == ["bad_value"]
    assert answer.match is not None
    assert answer.match.rule.id == 2


async def a_live_rule(**change: object) -> int:
    """A rule in the database, in force in this process."""
    async with db.atomic() as connection:
        number = await rulebook.add(connection, SYSTEM, a_rule(**change))
        await rulebook.switch(connection, SYSTEM, number, 1, "live")
    await book.refresh()
    return number


async def gone(number: int) -> None:
    """Switch it off again."""
    async with db.atomic() as connection:
        version = await connection.fetchval("SELECT version FROM routing_rule WHERE id = $1", number)
        await rulebook.switch(connection, SYSTEM, number, version, "off")
    await book.refresh()


async def test_a_rule_wins_over_the_catalogue_and_its_number_helpers_and_urgency_are_on_the_record(
    database: object,
) -> None:
    number = await a_live_rule(co_handlers=("EEB",), urgency="urgent", note="先到现场测量")
    receipt = await b.a_receipt(matter="020201", words="工地半夜噪声大，睡不着。")
    async with db.reading() as connection:
        case = await connection.fetchrow("SELECT * FROM cases WHERE number = $1", receipt.number)
        shares = await connection.fetch(
            "SELECT unit, role, basis FROM assignment WHERE case_id = $1 ORDER BY role DESC", case["id"]
        )
    assert (case["state"], case["urgency"]) == ("active", "urgent")
    assert [(one["unit"], one["role"]) for one in shares] == [("CGB", "lead"), ("EEB", "co")]
    assert shares[0]["basis"] == f"rule:{number}"
    await gone(number)


async def test_a_rule_that_errs_is_switched_off_and_reported_and_the_case_is_routed_all_the_same(
    database: object,
) -> None:
    number = await a_live_rule(unit="GONE")
    receipt = await b.a_receipt(matter="020201", words="工地半夜噪声大，睡不着。")
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
        rule = await connection.fetchrow("SELECT state, fault FROM routing_rule WHERE id = $1", number)
        acts = await connection.fetch(
            "SELECT kind FROM act WHERE subject = $1 ORDER BY seq", f"dispatch_rule:{number}"
        )
    assert state == "active"
    assert (rule["state"], rule["fault"]) == ("faulty", "unknown_unit")
    assert [one["kind"] for one in acts][-1] == "dispatch_rule.faulty"
    await b.a_receipt(matter="020201", words="又是噪声。")  # before this process hears of it: reported once
    async with db.reading() as connection:
        n = await connection.fetchval(
            "SELECT count(*) FROM act WHERE subject = $1 AND kind = 'dispatch_rule.faulty'", f"dispatch_rule:{number}"
        )
    assert n == 1
    await book.refresh()


async def test_a_rule_may_leave_a_case_to_a_person_who_reads_which_one_and_why(database: object) -> None:
    number = await a_live_rule(unit="", by_hand=True)
    receipt = await b.a_receipt(matter="020201", words="工地半夜噪声大，睡不着。")
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
        reason = await connection.fetchval(
            "SELECT data::json ->> 'reason' FROM case_event e JOIN cases c ON c.id = e.case_id "
            "WHERE c.number = $1 AND e.kind = 'routing_missed'", receipt.number,
        )  # fmt: skip
    assert (state, reason) == ("accepted", f"rule:{number}")
    await gone(number)
