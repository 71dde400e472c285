"""Return visits through the screen: whom to call, what is read out, what is shown after saving, closing and rework."""

from __future__ import annotations

import re
from datetime import date, timedelta

import httpx
import pytest

from cases import verbs, visits
from hotline import clock, db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio

WORD = {"was_contacted": "yes", "is_solved": "yes", "is_truthful": "yes", "grade": "satisfied", "said": "师傅态度好"}


def seq(html: str) -> str:
    found = re.search(r'name="seq" value="(\d+)"', html)
    assert found, html[-3000:]
    return found[1]


async def state_of(number: str) -> str:
    async with db.reading() as connection:
        return str(await connection.fetchval("SELECT state FROM cases WHERE number = $1", number))


async def test_the_public_reply_is_read_out_and_the_units_claim_is_shown_only_after_saving(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, address)
        assert b.HANDLED["reply"] in page
        assert b.HANDLED["note"] not in page
        assert 'id="claims"' not in page
        answer = await house.post(client, f"{address}/visit", {**WORD, "seq": seq(page)}, page=address)
        assert answer.status_code == 303, answer.text
        page = await house.get(client, address)
        assert b.HANDLED["note"] in page
        assert "师傅态度好" in page


async def test_a_satisfied_requester_leads_to_closing_with_one_button(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, address)
        await house.post(client, f"{address}/visit", {**WORD, "seq": seq(page)}, page=address)
        page = await house.get(client, address)
        answer = await house.post(client, f"{address}/close", {"seq": seq(page)}, page=address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/visits")
    assert await state_of(receipt.number) == "closed"


async def test_an_unsolved_case_goes_back_to_the_unit_at_fault_with_the_reason_and_a_new_clock(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, address)
        word = {**WORD, "is_solved": "no", "grade": "dissatisfied", "seq": seq(page)}
        await house.post(client, f"{address}/visit", word, page=address)
        page = await house.get(client, address)
        assignment = re.search(r'name="assignment" value="([^"]+)"', page)
        assert assignment
        sent = {"assignment": assignment[1], "seq": seq(page)}
        answer = await house.post(client, f"{address}/rework", sent, page=address)
        assert answer.status_code == 422
        assert "请写明哪里没办好" in answer.text
        answer = await house.post(client, f"{address}/rework", {**sent, "reason": "灯第二天又灭了"}, page=address)
        assert answer.status_code == 303, answer.text
    assert await state_of(receipt.number) == "rework"
    async with db.reading() as connection:
        running = await connection.fetch(
            "SELECT k.stage FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stopped_at IS NULL",
            receipt.number,
        )
    assert {row["stage"] for row in running} >= {"finish"}


async def test_an_unanswered_question_comes_back_with_the_others_kept(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, address)
        sent = {**WORD, "seq": seq(page)}
        del sent["is_truthful"]
        answer = await house.post(client, f"{address}/visit", sent, page=address)
        assert answer.status_code == 422
        assert 'id="e-is_truthful"' in answer.text
        assert "师傅态度好" in answer.text
        assert re.search(r'id="f-grade-satisfied"[^>]* checked', answer.text)
    assert await state_of(receipt.number) == "callback"


async def test_the_next_try_is_planned_for_another_time_of_day(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, address)
        same = (clock.now() + timedelta(days=1)).isoformat()
        sent = {"outcome": "unreached", "seq": seq(page), "other_at": same}
        answer = await house.post(client, f"{address}/missed", sent, page=address)
        assert answer.status_code == 422
        assert 'id="e-other_at"' in answer.text
        offered = re.search(r'name="next_at" value="([^"]+)"', page)
        assert offered
        answer = await house.post(
            client, f"{address}/missed", {"outcome": "unreached", "seq": seq(page), "next_at": offered[1]}, page=address
        )
        assert answer.status_code == 303, answer.text
        assert receipt.number not in await house.get(client, "/visits")
        assert receipt.number in await house.get(client, "/visits?band=later")


async def test_the_third_try_ends_in_a_message_and_the_case_can_be_closed(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT"):
        for _ in range(3):
            page = await house.get(client, address)
            offered = re.search(r'name="next_at" value="([^"]+)"', page)
            sent = {"outcome": "unreached", "seq": seq(page), "next_at": offered[1] if offered else ""}
            answer = await house.post(client, f"{address}/missed", sent, page=address)
            assert answer.status_code == 303, answer.text
        assert receipt.number in await house.get(client, "/visits?band=close")
        page = await house.get(client, address)
        answer = await house.post(client, f"{address}/close", {"seq": seq(page)}, page=address)
        assert answer.status_code == 303, answer.text
    async with db.reading() as connection:
        assert (
            await connection.fetchval("SELECT close_reason FROM cases WHERE number = $1", receipt.number)
            == "unreachable"
        )


async def test_whoever_handled_the_case_is_told_why_they_cannot_call_back(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    async with house.signed_in(client, "callback", "unit_handler", unit="130403"):
        page = await house.get(client, f"/visits/{receipt.number}")
        assert "不能由您回访" in page
        assert "do-visit" not in page
        assert receipt.number not in await house.get(client, "/visits")
        answer = await house.post(client, f"/visits/{receipt.number}/visit", WORD, page="/visits")
        assert answer.status_code == 409
    assert await state_of(receipt.number) == "callback"


async def test_a_supervised_case_is_visited_even_when_the_requester_left_no_contact(client: httpx.AsyncClient) -> None:
    from sla import supervision

    receipt = await b.a_case("signed", phone="", name="", reply_by="none")
    await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    await b.act("audit", receipt.number, verbs.approve)
    async with house.signed_in(client, "callback", unit="HOT"):
        page = await house.get(client, f"/visits/{receipt.number}")
        answer = await house.post(client, f"/visits/{receipt.number}/close", {"seq": seq(page)}, page="/visits")
        assert answer.status_code == 409
        assert "须先回访" in answer.text
        answer = await house.post(
            client, f"/visits/{receipt.number}/visit", {**WORD, "channel": "site", "seq": seq(page)}, page="/visits"
        )
        assert answer.status_code == 303, answer.text


async def test_an_order_after_the_audit_takes_the_exemption_back(client: httpx.AsyncClient) -> None:
    from sla import supervision

    receipt = await b.a_case("callback", phone="", name="", reply_by="none")
    async with house.signed_in(client, "callback", unit="HOT"):
        assert receipt.number in await house.get(client, "/visits?band=close")
        await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
        assert receipt.number not in await house.get(client, "/visits?band=close")
        assert receipt.number in await house.get(client, "/visits")


def test_the_hours_proposed_are_in_other_parts_of_the_day_and_by_day_on_working_days() -> None:
    class Weekdays:
        def is_working(self, day: date) -> bool:
            return day.weekday() < 5

    friday = clock.on(date(2026, 11, 27), 10, 30)
    hours = visits.next_hours(friday, [friday], Weekdays())
    assert [(clock.local(h).day, clock.local(h).hour) for h in hours] == [(27, 15), (27, 19)]
    hours = visits.next_hours(clock.on(date(2026, 11, 27), 19), [friday], Weekdays())
    assert [(clock.local(h).day, clock.local(h).hour) for h in hours] == [(30, 15), (30, 10)]


@pytest.mark.requirement("001-06")
@pytest.mark.requirement("002-12")
async def test_the_agent_who_accepted_can_never_close_the_dispatched_case(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(matter="", county="130403")
    async with house.signed_in(client, "agent", "callback", "auditor", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}?act=accept")
        sent = {
            "matter": "020201",
            "county": "130403",
            "place": "丛台区和平路",
            "urgency": "normal",
            "title": "路灯不亮",
            "seq": seq(page),
        }
        answer = await house.post(client, f"/cases/{receipt.number}/acceptance", sent, page="/cases")
        assert answer.status_code == 303, answer.text
        await b.act("congtai", receipt.number, verbs.sign, b.lead)
        await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
        await b.act("audit", receipt.number, verbs.approve)
        assert "不能由您回访" in await house.get(client, f"/visits/{receipt.number}")
        for path, data in ((f"/visits/{receipt.number}/visit", WORD), (f"/cases/{receipt.number}/visits", {})):
            answer = await house.post(client, path, data, page="/visits")
            assert answer.status_code in {409, 422}, path
        await b.act("callback", receipt.number, verbs.visit, b.request, was_contacted=True, is_solved=True)
        for path in (f"/visits/{receipt.number}/close", f"/cases/{receipt.number}/closure"):
            answer = await house.post(client, path, {}, page="/visits")
            assert answer.status_code == 409, path
            assert "受办分离" in answer.text
    assert await state_of(receipt.number) == "callback"
