"""The rules of the life cycle by verbs: who may close, what sends a case back, what a clock does meanwhile."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from cases import ledger, verbs
from channels import acknowledge, intake
from hotline import clock, db
from hotline.actor import CITIZEN, SYSTEM
from hotline.errors import Refusal
from hotline.ids import new_id
from hotline.work import work
from sla import clocks, sweep
from tests import builders as b


async def rows(sql: str, *args: Any) -> list[Any]:
    async with db.reading() as connection:
        return [dict(r) for r in await connection.fetch(sql, *args)]


async def running(number: str) -> dict[str, Any]:
    found = await rows(
        "SELECT k.stage, k.due_at, k.outcome FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1", number
    )
    return {row["stage"]: row for row in found if row["outcome"] is None}


async def the_case(number: str) -> Any:
    return (await rows("SELECT * FROM cases WHERE number = $1", number))[0]


async def refused(code: str, call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value


async def test_a_report_waits_for_a_person_and_needs_a_summary_before_it_is_accepted(database: object) -> None:
    receipt = await b.a_receipt(kind="report", matter="020201")
    case = await the_case(receipt.number)
    assert case["state"] == "registered"
    assert case["title"] == "举报件"
    assert "路灯" not in case["grams"]
    place = {"matter": "020201", "county": "130403"}
    error = await refused("text_missing", b.act("agent", receipt.number, verbs.accept, **place))
    assert "summary" in error.fields
    telling = "照明设施失修，问 138 0000 0001。"
    error = await refused("invalid", b.act("agent", receipt.number, verbs.accept, summary=telling, **place))
    assert "summary" in error.fields, "the summary goes to the unit, so it cannot hold the requester's number"
    await b.act("agent", receipt.number, verbs.accept, summary="反映某路段照明设施失修。", **place)
    assert (await the_case(receipt.number))["state"] == "accepted"
    missed = await rows("SELECT data FROM case_event WHERE case_id = $1 AND kind = 'routing_missed'", case["id"])
    assert "sealed" in missed[0]["data"]


async def test_the_acceptor_can_never_close_what_was_dispatched(database: object) -> None:
    receipt = await b.a_receipt(matter="")
    await b.act("coord", receipt.number, verbs.accept, matter="020201", county="130403")
    for login, verb, parts, given in (
        ("congtai", verbs.sign, (b.lead,), {}),
        ("congtai", verbs.handle, (b.lead,), b.HANDLED),
        ("audit", verbs.approve, (), {}),
        ("callback", verbs.visit, (b.request,), {"was_contacted": True, "is_solved": True}),
    ):
        await b.act(login, receipt.number, verb, *parts, **given)
    await refused("not_separate", b.act("coord", receipt.number, verbs.close))
    await b.act("callback", receipt.number, verbs.close)
    assert (await the_case(receipt.number))["close_reason"] == "resolved"


async def test_a_case_cannot_be_closed_before_its_return_visit_and_says_which(database: object) -> None:
    receipt = await b.a_case("callback")
    error = await refused("not_visited", b.act("callback", receipt.number, verbs.close))
    assert receipt.number in error.say.zh


async def test_an_unsolved_request_sends_the_unit_back_to_work_with_a_new_clock_and_a_count(database: object) -> None:
    receipt = await b.a_case("callback")
    await b.act(
        "callback", receipt.number, verbs.visit, b.request, was_contacted=True, is_solved=False, grade="dissatisfied"
    )
    await refused("unsolved", b.act("callback", receipt.number, verbs.close))
    await b.act("callback", receipt.number, verbs.rework, b.request, b.lead, reason="灯仍不亮", profile="UTIL24H")
    case = await the_case(receipt.number)
    assert (case["state"], case["rework_count"]) == ("rework", 1)
    assert "finish" in await running(receipt.number)
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    await b.act(
        "callback", receipt.number, verbs.visit, b.request, was_contacted=True, is_solved=True, grade="satisfied"
    )
    await b.act("callback", receipt.number, verbs.close)
    graded = await rows("SELECT first_grade, final_grade FROM request WHERE receipt_no = $1", receipt.number)
    assert graded == [{"first_grade": "dissatisfied", "final_grade": "satisfied"}]


async def test_whoever_handled_the_first_round_never_closes_even_after_moving_to_the_centre(database: object) -> None:
    receipt = await b.a_case("callback")
    await b.act("callback", receipt.number, verbs.visit, b.request, was_contacted=True, is_solved=False)
    await b.act("callback", receipt.number, verbs.rework, b.request, b.lead, reason="灯仍不亮", profile="UTIL24H")
    successor = msgspec.structs.replace(await b.person("congtai"), id=new_id())
    async with work(successor) as w:
        file = await ledger.opened(w, number=receipt.number)
        await verbs.handle(w, file, b.lead(file), **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    moved = msgspec.structs.replace(
        await b.person("congtai"), unit="HOT", units=("HOT",), roles=frozenset({"callback"}), jurisdiction=""
    )
    async with work(moved) as w:
        file = await ledger.opened(w, number=receipt.number)
        given = {"was_contacted": True, "is_solved": True}
        await refused("not_separate", verbs.visit(w, file, file.first_request, **given))


async def test_a_grade_given_in_the_visit_becomes_the_rating_and_its_supervision_record_at_closing(
    database: object,
) -> None:
    receipt = await b.a_case("callback")
    await b.act("callback", receipt.number, verbs.visit, b.request, was_contacted=True, is_solved=True, grade="neutral")
    await b.act("callback", receipt.number, verbs.close)
    found = await rows(
        "SELECT r.grade, r.channel, s.unit, s.cause FROM rating r JOIN supervision_record s ON s.cause_id = r.id "
        "JOIN request q ON q.id = r.request_id WHERE q.receipt_no = $1",
        receipt.number,
    )
    assert found == [{"grade": "neutral", "channel": "visit", "unit": "130403", "cause": "rating"}]
    async with work(CITIZEN) as w:
        file = await ledger.opened(w, number=receipt.number)
        await refused("rated", verbs.rate(w, file, file.first_request, grade="satisfied"))


async def test_three_visits_that_reach_nobody_end_in_an_exemption_and_a_message(database: object) -> None:
    receipt = await b.a_case("callback")
    for hour in (10, 15, 19):
        await b.act(
            "callback", receipt.number, verbs.miss_visit, b.request, next_at=clock.now() + timedelta(hours=hour)
        )
    assert (await rows("SELECT state FROM request WHERE receipt_no = $1", receipt.number))[0]["state"] == "exempt"
    await refused("rating_open", b.act("callback", receipt.number, verbs.close))
    await b.act("callback", receipt.number, verbs.close, at=clock.now() + timedelta(days=4))
    assert (await the_case(receipt.number))["close_reason"] == "unreachable"
    keys = await rows("SELECT key FROM outbox_message WHERE case_id = $1", (await the_case(receipt.number))["id"])
    assert any(row["key"].startswith("missed") for row in keys)


async def test_a_return_keeps_the_clock_running_until_it_is_approved(database: object) -> None:
    receipt = await b.a_case("dispatched")
    before = (await running(receipt.number))["finish"]["due_at"]
    await b.act("congtai", receipt.number, verbs.ask_return, b.lead, ground="function", basis="三定规定第四条")
    assert (await running(receipt.number))["finish"]["due_at"] == before
    await b.act("dispatcher", receipt.number, verbs.refuse_return, b.lead, reason="属地明确", is_groundless=True)
    assert (await running(receipt.number))["finish"]["due_at"] == before
    assert (await rows("SELECT unit FROM supervision_record WHERE cause = 'return_groundless'"))[0]["unit"] == "130403"
    await b.act("congtai", receipt.number, verbs.ask_return, b.lead, ground="place", basis="界址图")
    await b.act("dispatcher", receipt.number, verbs.approve_return, b.lead)
    case = await the_case(receipt.number)
    assert (case["state"], case["lead_unit"]) == ("accepted", None)
    assert list(await running(receipt.number)) == ["dispatch"]
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="CGB", profile="UTIL24H")
    assert (await the_case(receipt.number))["lead_unit"] == "CGB"


async def test_a_return_asked_after_its_limit_is_refused_with_the_hour(database: object) -> None:
    receipt = await b.a_case("dispatched")
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, number=receipt.number)
        lead = b.lead(file)
        clocks.check_return(file, lead, w.now)
        with pytest.raises(Refusal, match="return_late"):
            clocks.check_return(file, lead, w.now + timedelta(days=15))


async def test_an_overdue_handling_is_warned_then_breached_once_with_alert_card_and_order(database: object) -> None:
    receipt = await b.a_case("signed")
    finish = (await running(receipt.number))["finish"]["due_at"]
    await sweep.sweep(finish - timedelta(minutes=1))
    case = await the_case(receipt.number)
    assert case["supervision"] == 2
    await sweep.sweep(finish + timedelta(minutes=1))
    await sweep.sweep(finish + timedelta(minutes=2))
    case = await the_case(receipt.number)
    assert case["supervision"] == 4
    points = await rows("SELECT cause, points FROM supervision_record WHERE case_id = $1 ORDER BY points", case["id"])
    assert points == [{"cause": "yellow", "points": 5}, {"cause": "red", "points": 10}]
    alerts = await rows("SELECT stage FROM alert WHERE case_id = $1", case["id"])
    assert "finish" in {a["stage"] for a in alerts}
    assert len(await rows("SELECT 1 FROM supervision_order WHERE case_id = $1", case["id"])) == 1
    with pytest.raises(Exception, match="never deleted"):
        await rows("DELETE FROM alert WHERE case_id = $1", case["id"])


async def test_two_people_acting_at_once_one_wins_and_the_other_is_told(database: object) -> None:
    receipt = await b.a_case("dispatched")
    done = await asyncio.gather(
        *(b.act("congtai", receipt.number, verbs.sign, b.lead) for _ in range(2)), return_exceptions=True
    )
    losers = [one for one in done if isinstance(one, Refusal)]
    assert len(losers) == 1
    assert losers[0].code == "impossible_move"


async def test_a_co_handler_holds_the_leads_result_until_it_is_done(database: object) -> None:
    receipt = await b.a_case("signed")
    await b.act("dispatcher", receipt.number, verbs.add_co_handler, unit="CGB", profile="STD5")
    error = await refused("co_handler_open", b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED))
    assert "城市管理" in error.say.zh

    def co(file: Any) -> Any:
        return file.assignment_of("CGB")

    await b.act("cgb", receipt.number, verbs.sign, co)
    await b.act("cgb", receipt.number, verbs.handle, co, **b.HANDLED)
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)


async def test_a_suggestion_that_is_not_adopted_needs_its_reason(database: object) -> None:
    receipt = await b.a_case("signed", kind="suggestion")
    given = {**b.HANDLED, "result": "suggestion_not_adopted"}
    error = await refused("text_missing", b.act("congtai", receipt.number, verbs.handle, b.lead, **given))
    assert "reason" in error.fields
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **{**given, "reason": "道路红线不足。"})


async def test_a_complaint_is_never_dispatched_to_the_unit_complained_about(database: object) -> None:
    receipt = await b.a_receipt(kind="complaint", about_unit="130403", matter="020201")
    await b.act("agent", receipt.number, verbs.accept, matter="020201", county="130403")
    assert (await the_case(receipt.number))["state"] == "accepted"
    await refused("self_handling", b.act("dispatcher", receipt.number, verbs.dispatch, unit="130403", profile="STD5"))


async def test_a_message_that_cannot_be_made_is_parked_after_three_tries_and_the_others_go_on(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await acknowledge.acknowledge(b.a_message(words="坏的这一条"))
    good = await acknowledge.acknowledge(b.a_message())
    original = intake._register

    async def stumble(w: Any, row: Any, message: Any, *more: Any, **given: Any) -> Any:
        if message.words == "坏的这一条":
            raise RuntimeError("a fault put here by the test")
        return await original(w, row, message, *more, **given)

    monkeypatch.setattr(intake, "_register", stumble)
    for _ in range(4):
        await intake.make_all()
    states = await rows(
        "SELECT receipt_no, state, tries FROM inbound_message WHERE receipt_no = ANY($1)", [bad.number, good.number]
    )
    assert {s["receipt_no"]: (s["state"], s["tries"]) for s in states} == {
        bad.number: ("parked", 3),
        good.number: ("made", 0),
    }


async def test_routing_that_fails_leaves_the_case_on_the_desk_with_an_event_that_says_so(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumble(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault put here by the test")

    monkeypatch.setattr("routing.assign.verbs.dispatch", stumble)
    receipt = await b.a_receipt(matter="020201")
    case = await the_case(receipt.number)
    assert case["state"] == "accepted"
    kinds = await rows("SELECT kind FROM case_event WHERE case_id = $1 ORDER BY seq", case["id"])
    assert kinds[-1]["kind"] == "routing_missed"


async def test_a_case_filed_at_three_in_the_morning_of_a_holiday_has_its_next_deadline(database: object) -> None:
    night = datetime.fromisoformat("2026-10-03T03:00:00+08:00")
    with clock.at(night):
        receipt = await b.a_receipt(matter="")
    accept = (await running(receipt.number))["accept"]
    assert clock.local(accept["due_at"]).isoformat() == "2026-10-08T11:00:00+08:00"


async def test_erasing_leaves_no_word_and_a_ledger_that_still_chains(database: object) -> None:
    receipt = await b.a_case("closed")
    await b.act("coord", receipt.number, verbs.erase, rule="保存期满")
    case = await the_case(receipt.number)
    left = await rows(
        "SELECT 1 FROM case_text WHERE case_id = $1 AND (value IS NOT NULL OR sealed IS NOT NULL)", case["id"]
    )
    assert left == []
    request = (await rows("SELECT words, name, phone, phone_index FROM request WHERE case_id = $1", case["id"]))[0]
    assert set(request.values()) == {None}
