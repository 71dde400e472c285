"""A unit's own answers by verbs: returns until a conference, objections, co-handlers, down the tree and up again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import ledger, verbs, verbs_conference, verbs_hands, verbs_head
from hotline import city, city_verbs, clock, db
from hotline import rebuild as rebuilding
from hotline.errors import Refusal
from hotline.work import work
from sla import handing
from tests import builders as b

pytestmark = pytest.mark.anyio

STREET, VILLAGE = "130403001", "130403001001"
TO_DO = {"reason": "请到场看灯杆"}
REPORT: dict[str, Any] = {**b.HANDLED, "note": "网格员到场，灯杆编号 17。", "reply": "社区已协调更换灯头。"}


async def rows(sql: str, *args: Any) -> list[Any]:
    async with db.reading() as connection:
        return [dict(r) for r in await connection.fetch(sql, *args)]


async def the_case(number: str) -> Any:
    return (await rows("SELECT * FROM cases WHERE number = $1", number))[0]


async def kinds(number: str) -> list[str]:
    found = await rows(
        "SELECT e.kind FROM case_event e JOIN cases c ON c.id = e.case_id WHERE c.number = $1 ORDER BY e.seq", number
    )
    return [one["kind"] for one in found]


async def running(number: str) -> dict[tuple[str, str], Any]:
    found = await rows(
        "SELECT k.stage, k.unit, k.due_at FROM clock k JOIN cases c ON c.id = k.case_id "
        "WHERE c.number = $1 AND k.stopped_at IS NULL", number,
    )  # fmt: skip
    return {(one["unit"], one["stage"]): one["due_at"] for one in found}


async def refused(code: str, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value


def of(unit: str) -> Any:
    return lambda file: file.assignment_of(unit)


async def rebuilt() -> None:
    outcome = await rebuilding.rebuild(check=True)
    assert outcome.different == 0, outcome.names


async def ask(login: str, number: str, share: Any = b.lead, suggested: str = "CGB") -> None:
    await b.act(
        login, number, verbs.ask_return, share, ground="function", basis="三定规定第四条", suggested=suggested
    )


async def test_a_unit_refused_twice_meets_in_conference_whose_decision_binds_it_and_its_clock_ran_on(
    database: object,
) -> None:
    number = (await b.a_case("dispatched", matter="010101")).number
    unit = (await the_case(number))["lead_unit"]
    due = (await running(number))[unit, "finish"]
    who = "congtai" if unit == "130403" else "cgb"
    for at in (1, 2):
        await ask(who, number)
        await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason=f"属地明确 {at}")
    case = await the_case(number)
    assert (case["state"], case["lead_unit"], case["return_count"]) == ("in_conference", unit, 2)
    assert (await running(number))[unit, "finish"] == due, "a refused return keeps the clock"
    await b.act("coord", number, verbs_conference.decide, unit=unit, profile="STD5", words="由该单位主办。")
    assert (await the_case(number))["state"] == "active"
    assert (await running(number))[unit, "finish"] == due
    await refused("binding", ask(who, number))
    await refused("binding", b.act(who, number, verbs_hands.object_to, b.lead, reason="仍不属我", basis="三定"))
    await rebuilt()


async def test_three_returns_end_in_a_conference_and_a_unit_that_was_right_does_not_get_it_back(
    database: object,
) -> None:
    number = (await b.a_case("dispatched")).number
    await ask("congtai", number)
    await b.act("dispatcher", number, verbs.approve_return, b.lead)
    wrong = await refused("ping_pong", b.act("dispatcher", number, verbs.dispatch, unit="130403", profile="STD5"))
    assert "丛台区" in wrong.say.zh
    await refused("ping_pong", b.act("coord", number, verbs.dispatch, unit="130403", profile="STD5"))
    await b.act("dispatcher", number, verbs.dispatch, unit="CGB", profile="STD5")
    await ask("cgb", number, suggested="130403")
    await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="先办")
    assert (await the_case(number))["state"] == "active"
    await ask("cgb", number, suggested="130403")
    await b.act("dispatcher", number, verbs.approve_return, b.lead)
    case = await the_case(number)
    assert (case["state"], case["lead_unit"], case["return_count"]) == ("in_conference", None, 3)
    assert list(await running(number)) == [("", "dispatch")]
    await refused("in_conference", b.act("dispatcher", number, verbs.dispatch, unit="PWR", profile="STD5"))
    await b.act(
        "coord", number, verbs_conference.decide, unit="130403", co_units=("CGB",), profile="STD5", words="属地主办。"
    )
    shares_now = await rows(
        "SELECT unit, role, state, is_binding, returned_at IS NOT NULL AS was_right FROM assignment "
        "WHERE case_id = $1 ORDER BY dispatched_at, role DESC", case["id"],
    )  # fmt: skip
    assert [(one["unit"], one["was_right"]) for one in shares_now] == [
        ("130403", True), ("CGB", True), ("130403", False), ("CGB", False),
    ]  # fmt: skip
    assert all(one["is_binding"] for one in shares_now[2:])


async def test_the_coordination_office_may_give_it_back_with_its_reason(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await ask("congtai", number)
    await b.act("dispatcher", number, verbs.approve_return, b.lead)
    await b.act("coord", number, verbs.dispatch, unit="130403", profile="STD5", reason="界址重新核实，属该区。")
    assert (await the_case(number))["lead_unit"] == "130403"
    await ask("congtai", number)
    await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="已核实")
    error = await refused("return_limit", ask("congtai", number))
    assert "异议" in error.say.zh, "two returns a unit; the way out is named"
    await b.act("congtai", number, verbs_hands.object_to, b.lead, reason="仍不属我", basis="界址图")
    await rebuilt()


async def test_an_objection_comes_after_a_refused_return_once_and_the_clock_runs_on(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    async with work(await b.person("congtai")) as w:
        file = await ledger.opened(w, number=number)
        with pytest.raises(Refusal, match="return_first"):
            handing.check_objection(file, b.lead(file), w.now)
        handing.check_objection(file, b.lead(file), w.now + timedelta(days=15))
    await ask("congtai", number)
    await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="属地明确")
    before = await running(number)
    said = {"reason": "灯杆产权属供电公司", "basis": "移交协议第二条"}
    await b.act("congtai", number, verbs_hands.object_to, b.lead, **said)
    await refused("objected", b.act("congtai", number, verbs_hands.object_to, b.lead, **said))
    await b.act("dispatcher", number, verbs_hands.dismiss_objection, b.lead, reason="产权已移交。")
    assert await running(number) == before
    await refused("not_objected", b.act("coord", number, verbs_hands.dismiss_objection, b.lead, reason="再看。"))
    await rebuilt()


async def test_an_objection_upheld_moves_the_case_and_speaks_against_the_dispatch(database: object) -> None:
    first, second = (await b.a_case("dispatched")).number, (await b.a_case("dispatched")).number
    for number in (first, second):
        await ask("congtai", number)
        await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="属地明确")
        await b.act("congtai", number, verbs_hands.object_to, b.lead, reason="产权不属我", basis="移交协议")
    await b.act(
        "coord", first, verbs_hands.uphold_objection, b.lead, reason="产权属供电公司", unit="PWR", profile="UTIL24H"
    )
    case = await the_case(first)
    assert (case["state"], case["lead_unit"]) == ("active", "PWR")
    wrong = await rows("SELECT unit FROM assignment WHERE case_id = $1 AND returned_at IS NOT NULL", case["id"])
    assert wrong == [{"unit": "130403"}]
    await b.act("dispatcher", first, verbs.recall, b.lead, reason="再看")
    await refused("ping_pong", b.act("dispatcher", first, verbs.dispatch, unit="130403", profile="STD5"))
    await b.act("coord", second, verbs_hands.confer_objection, b.lead, reason="权属不清，会商定。")
    assert (await the_case(second))["state"] == "in_conference"
    assert ("130403", "finish") in await running(second)


async def test_the_lead_asks_for_a_co_handler_and_to_release_it_and_the_centre_answers(database: object) -> None:
    number = (await b.a_case("signed")).number
    asked = {"unit": "CGB", "reason": "灯杆在城管养护路段"}
    await b.act("congtai", number, verbs_hands.ask_co_handler, b.lead, **asked)
    await refused("co_asked", b.act("congtai", number, verbs_hands.ask_co_handler, b.lead, **asked))
    await b.act("dispatcher", number, verbs_hands.refuse_co_ask, b.lead, reason="先自查。")
    await b.act("congtai", number, verbs_hands.ask_co_handler, b.lead, **asked)
    await b.act("dispatcher", number, verbs_hands.grant_co_ask, b.lead, profile="STD5", reason="同意。")
    assert ("CGB", "finish") in await running(number)
    await b.act("congtai", number, verbs_hands.ask_co_handler, b.lead, unit="CGB", reason="已不需要", ask="release")
    await b.act("dispatcher", number, verbs_hands.grant_co_ask, b.lead, profile="STD5", reason="同意。")
    assert not [unit for unit, _ in await running(number) if unit == "CGB"], "its clocks are void"
    co = await rows("SELECT state, co_ask FROM assignment WHERE case_id = $1", (await the_case(number))["id"])
    assert sorted((one["state"], one["co_ask"]) for one in co) == [("recalled", None), ("signed", None)]
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await rebuilt()


async def test_a_co_handler_to_whom_the_case_belongs_becomes_its_lead_and_can_do_it(database: object) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.add_co_handler, unit="CGB", profile="STD5")
    await b.act("cgb", number, verbs.sign, of("CGB"))
    await b.act("congtai", number, verbs.ask_return, b.lead, ground="function", basis="三定方案", suggested="CGB")
    await b.act("dispatcher", number, verbs.approve_return, b.lead)
    file = await b.act("dispatcher", number, verbs.dispatch, unit="CGB", profile="STD5")
    assert [(one.unit, one.role) for one in file.live] == [("CGB", "lead")], "one share, not two that wait"
    found = await rows(
        "SELECT count(*) AS n FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stage = 'finish'"
        " AND k.stopped_at IS NULL", number,
    )  # fmt: skip
    assert found[0]["n"] == 1
    await b.act("cgb", number, verbs.sign, of("CGB"))
    await b.act("cgb", number, verbs.contact, of("CGB"), way="phone")
    await b.act("cgb", number, verbs.handle, of("CGB"), **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    await rebuilt()


async def test_down_to_the_village_and_up_again_hop_by_hop_while_the_county_stays_responsible(database: object) -> None:
    receipt = await b.a_receipt(
        matter="010101", channel="province", origin_system="province", origin_no="冀12345-2026-001", reply_by="web"
    )
    number = receipt.number
    case = await the_case(number)
    assert case["origin_no"] == "冀12345-2026-001", "a provincial case keeps its own number"
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="按属地办")
    await b.act("dispatcher", number, verbs.dispatch, unit="130403", profile="STD5")
    county = (await running(number))["130403", "finish"]
    await b.act("congtai", number, verbs.sign, b.lead)
    await b.act("congtai", number, handing.hand_down, b.lead, unit=VILLAGE, reason="请网格员到场")
    due = await running(number)
    assert county == due["130403", "finish"], "the clock of the unit above runs on"
    assert due[VILLAGE, "report_up"] <= due[STREET, "report_up"] <= county
    assert (await kinds(number)).count("handed_down") == 2, "each hop is on the record"
    await refused("below_open", b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED))
    await refused("below_open", ask("congtai", number))
    await b.act("village", number, verbs.sign, of(VILLAGE))
    await refused("from_above", b.act("village", number, verbs.handle, of(VILLAGE), **b.HANDLED))
    await b.act("street", number, verbs.sign, of(STREET))
    await refused("below_open", b.act("street", number, verbs_hands.report_up, of(STREET), **REPORT))
    await b.act("village", number, verbs_hands.report_up, of(VILLAGE), **REPORT)
    await b.act("street", number, verbs_hands.send_down, of(VILLAGE), reason="请补照片")
    assert (await running(number))[VILLAGE, "report_up"] == due[VILLAGE, "report_up"], "no new time"
    await b.act("village", number, verbs_hands.report_up, of(VILLAGE), **REPORT)
    await b.act("street", number, verbs_hands.report_up, of(STREET), **REPORT)
    assert [key for key in await running(number) if key[1] == "report_up"] == []
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", number, verbs.approve)
    times = await rows(
        "SELECT unit, signed_at, handled_at FROM assignment WHERE case_id = $1 AND state = 'handled'", case["id"],
    )  # fmt: skip
    assert {one["unit"] for one in times} == {"130403", STREET, VILLAGE}
    assert all(one["signed_at"] and one["handled_at"] for one in times)
    visited = {"was_contacted": True, "is_solved": True}
    await refused("not_separate", b.act("village", number, verbs.visit, b.request, **visited))
    later = clock.now() + timedelta(days=30)
    await b.act("callback", number, verbs.visit, b.request, was_contacted=True, is_solved=False, at=later)
    await b.act("callback", number, verbs.rework, b.request, b.lead, reason="灯又灭了", profile="STD5", at=later)
    await b.act("congtai", number, verbs_hands.send_down, of(STREET), reason="再去看", at=later)
    await b.act("street", number, verbs_hands.send_down, of(VILLAGE), reason="再去看", at=later)
    anew = await running(number)
    assert later < anew[VILLAGE, "report_up"] <= anew[STREET, "report_up"] <= anew["130403", "finish"]
    await rebuilt()


async def test_a_date_set_below_is_never_provisional_for_no_calendar_moves_it(database: object) -> None:
    with clock.at(clock.on(date(2026, 12, 29), 10)):
        number = (await b.a_case("signed", matter="010203")).number
        await b.act("congtai", number, handing.hand_down, b.lead, unit=STREET, **TO_DO)
    known = await rows(
        "SELECT k.stage, k.is_provisional FROM clock k JOIN cases c ON c.id = k.case_id "
        "WHERE c.number = $1 AND k.stage IN ('finish', 'report_up') ORDER BY k.stage", number,
    )  # fmt: skip
    assert [one["is_provisional"] for one in known] == [True, False]


async def test_a_share_goes_only_along_the_tree_in_time_and_never_to_whom_it_is_about(database: object) -> None:
    number = (await b.a_receipt(kind="complaint", matter="020201", about_unit=STREET)).number
    if (await the_case(number))["state"] == "registered":
        await b.act("dispatcher", number, verbs.accept, matter="020201", county="130403")
    if (await the_case(number))["lead_unit"] is None:
        await b.act("dispatcher", number, verbs.dispatch, unit="130403", profile="STD5")
    await b.act("congtai", number, verbs.sign, b.lead)
    await refused("self_handling", b.act("congtai", number, handing.hand_down, b.lead, unit=VILLAGE, **TO_DO))
    number = (await b.a_case("signed")).number
    off_tree = await refused("invalid", b.act("congtai", number, handing.hand_down, b.lead, unit="CGB", **TO_DO))
    assert "unit" in off_tree.fields
    county = (await running(number))["130403", "finish"]
    too_late = {"unit": STREET, "due": county + timedelta(hours=1), **TO_DO}
    late = await refused("invalid", b.act("congtai", number, handing.hand_down, b.lead, **too_late))
    assert "due" in late.fields
    await b.act("congtai", number, handing.hand_down, b.lead, unit=STREET, due=county, **TO_DO)
    await b.act("street", number, verbs_hands.hand_back, of(STREET), reason="不是我街道路段")
    assert (await the_case(number))["unit_codes"] == ["130403"]
    await b.act("congtai", number, handing.hand_down, b.lead, unit=VILLAGE, **TO_DO)
    await b.act("congtai", number, verbs_hands.take_back, of(STREET), reason="自己办")
    assert {unit for unit, _ in await running(number)} == {"130403"}, "what went further down came back too"
    await b.act("congtai", number, handing.hand_down, b.lead, unit=VILLAGE, **TO_DO)
    await b.act("dispatcher", number, verbs.recall, of(VILLAGE), reason="由街道办")
    assert (await the_case(number))["state"] == "active", "the county has it still"
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="改派")
    assert list(await running(number)) == [("", "dispatch")]
    await rebuilt()


async def test_a_unit_cannot_stand_below_itself(database: object) -> None:
    for parent in (VILLAGE, STREET):
        with pytest.raises(Refusal) as caught:
            await city_verbs.change_unit(STREET, has_liaison=True, parent=parent)
        assert "自己" in caught.value.fields["parent"].zh


async def test_a_reply_waits_for_the_head_where_the_unit_wants_it_and_the_clock_runs_on(database: object) -> None:
    await city_verbs.change_unit("130403", has_liaison=True, needs_head=True)
    await city.refresh()
    try:
        number = (await b.a_case("signed")).number
        due = await running(number)
        await refused("head_first", b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED))
        await refused("head_first", b.act("congtai", number, handing.hand_down, b.lead, unit=STREET, **TO_DO))
        await b.act("congtai", number, verbs_head.submit, b.lead, **b.HANDLED)
        assert await running(number) == due
        await refused("not_head", b.act("congtai", number, verbs_head.approve, b.lead))
        await b.act("congtai_head", number, verbs_head.refuse, b.lead, reason="请写明更换日期")
        await refused("not_asked", b.act("congtai_head", number, verbs_head.approve, b.lead))
        better = {**b.HANDLED, "reply": "路灯已于 11 月 26 日修好。"}
        await b.act("congtai", number, verbs_head.submit, b.lead, **better)
        await b.act("congtai_head", number, verbs_head.approve, b.lead)
        case = await the_case(number)
        said = await rows(
            "SELECT t.value FROM case_text t JOIN case_event e ON (e.case_id, e.seq) = (t.case_id, t.seq) "
            "WHERE t.case_id = $1 AND e.kind = 'handled' AND t.field = 'reply'", case["id"],
        )  # fmt: skip
        assert said == [{"value": better["reply"]}]
        assert list(await running(number)) == [("", "audit")]
        hands = (await rows("SELECT hands FROM assignment WHERE case_id = $1", case["id"]))[0]["hands"]
        assert {(await b.person("congtai")).id, (await b.person("congtai_head")).id} <= set(hands)
        own = (await b.a_case("signed")).number
        await b.act("congtai_head", own, verbs_head.submit, b.lead, **b.HANDLED)
        assert "head_asked" not in await kinds(own), "a head needs no second person"
        await rebuilt()
    finally:
        await city_verbs.change_unit("130403", has_liaison=True, needs_head=False)
        await city.refresh()


UNITS = ("130403", "CGB", "PWR", STREET, VILLAGE)
WHO = {"130403": "congtai", "CGB": "cgb", STREET: "street", VILLAGE: "village"}
Step = tuple[str, int, int]
"""What is tried, on which live share, and with which unit."""


async def _try(number: str, step: Step) -> None:
    """One person's try at one act; what the ledger refuses is refused."""
    name, nth, which = step
    unit = UNITS[which]
    async with work(await b.person("coord")) as w:
        file = await ledger.opened(w, number=number)
        share = file.live[nth % len(file.live)] if file.live else None
        at = {"number": number, "unit": unit, "of": of(share.unit) if share else None}
    who = WHO.get(share.unit, "coord") if share else "coord"
    because = {"reason": "因为"}
    of_share: dict[str, tuple[str, Any, dict[str, Any]]] = {
        "sign": (who, verbs.sign, {}),
        "return": (who, verbs.ask_return, {"ground": "ownership", "basis": "规定"}),
        "approve": ("coord", verbs.approve_return, {}),
        "refuse": ("coord", verbs.refuse_return, because),
        "object": (who, verbs_hands.object_to, {**because, "basis": "规定"}),
        "dismiss": ("coord", verbs_hands.dismiss_objection, because),
        "uphold": ("coord", verbs_hands.uphold_objection, because),
        "confer": ("coord", verbs_hands.confer_objection, because),
        "down": (who, handing.hand_down, {"unit": unit, **because}),
        "back": (who, verbs_hands.hand_back, because),
        "take": (who, verbs_hands.take_back, because),
        "up": (who, verbs_hands.report_up, REPORT),
        "again": (who, verbs_hands.send_down, because),
        "recall": ("coord", verbs.recall, because),
        "release": ("coord", verbs_hands.release, because),
        "handle": (who, verbs.handle, b.HANDLED),
    }
    of_case: dict[str, tuple[Any, dict[str, Any]]] = {
        "dispatch": (verbs.dispatch, {"unit": unit, "profile": "STD5"}),
        "add": (verbs.add_co_handler, {"unit": unit, "profile": "STD5"}),
        "call": (verbs_conference.call, {"cause": "by_hand", **because}),
        "decide": (verbs_conference.decide, {"unit": unit, "profile": "STD5", "words": "定。"}),
        "withdraw": (verbs_conference.withdraw, because),
    }
    if name in of_case:
        verb, given_ = of_case[name]
        await b.act("coord", number, verb, **given_)
    elif share is not None:
        login, verb, given_ = of_share[name]
        await b.act(login, number, verb, at["of"], **given_)


NAMES = (
    "sign", "return", "approve", "refuse", "object", "dismiss", "uphold", "confer", "down", "back", "take", "up",
    "again", "recall", "release", "handle", "dispatch", "add", "call", "decide", "withdraw",
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 3), st.integers(0, len(UNITS) - 1)), min_size=18, max_size=30
    )
)
async def test_no_sequence_of_returns_objections_hand_downs_and_conferences_loses_a_case_or_stops_a_clock(
    database: object, steps: list[Step]
) -> None:
    number = (await b.a_case("dispatched")).number
    for step in steps:
        try:
            await _try(number, step)
        except Refusal:
            continue
        case = await the_case(number)
        held = await rows(
            "SELECT state, role FROM assignment WHERE case_id = $1 AND state NOT IN ('recalled', 'ended')", case["id"]
        )
        leads = [one for one in held if one["role"] == "lead"]
        assert len(leads) == 1 or case["state"] in ("accepted", "in_conference"), (step, case["state"], held)
        assert not (leads and case["state"] == "accepted"), (step, "on the desk and in a unit's hands at once")
        assert await running(number), (step, case["state"], held)
        if leads and leads[0]["state"] != "handled":
            mine = {stage for unit, stage in await running(number) if unit == case["lead_unit"]}
            assert "finish" in mine, (step, held)
    await rebuilt()
