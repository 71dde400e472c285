"""Return visits through the screen: whom to call, what is read out, what is shown after saving, closing and rework."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import httpx
import pytest

from cases import verbs, visit_hours
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
        word = {**WORD, "is_solved": "no", "grade": "dissatisfied", "cause": "unsolved", "seq": seq(page)}
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


@contextlib.asynccontextmanager
async def at_desk(client: httpx.AsyncClient, at: datetime) -> AsyncIterator[None]:
    """A callback agent at the desk at an hour of the city."""
    with clock.at(at):
        async with house.signed_in(client, "callback", unit="HOT"):
            yield


async def _missed(client: httpx.AsyncClient, number: str, **given: str) -> None:
    """A try in vain; the next one as the page proposes it."""
    page = await house.get(client, f"/visits/{number}")
    offered = re.search(r'name="next_at" value="([^"]+)"', page)
    sent = {"outcome": "unreached", "seq": seq(page), "next_at": offered[1] if offered else "", **given}
    answer = await house.post(client, f"/visits/{number}/missed", sent, page=f"/visits/{number}")
    assert answer.status_code == 303, answer.text


async def of_request(number: str, columns: str) -> tuple[object, ...]:
    async with db.reading() as connection:
        return tuple(await connection.fetchrow(f"SELECT {columns} FROM request WHERE receipt_no = $1", number))


async def test_three_tries_in_three_parts_of_the_day_end_in_a_message_and_later_in_closing(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("callback")).number
    day = clock.today() + timedelta(days=1)
    for hour, tries in ((10, 1), (11, 1), (15, 2), (19, 3)):  # a second time in one morning counts once
        async with at_desk(client, clock.on(day, hour)):
            await _missed(client, number)
            assert await of_request(number, "visit_tries") == (tries,)
    async with at_desk(client, clock.on(day, 20)):
        assert number in await house.get(client, "/visits?band=asked")
        assert number not in await house.get(client, "/visits?band=close")
        page = await house.get(client, f"/visits/{number}")
        assert 'id="why-open"' in page
        assert "do-close" not in page
    async with at_desk(client, clock.on(day + timedelta(days=4), 10)):
        assert number in await house.get(client, "/visits?band=close")
        page = await house.get(client, f"/visits/{number}")
        answer = await house.post(client, f"/visits/{number}/close", {"seq": seq(page)}, page="/visits")
        assert answer.status_code == 303, answer.text
    async with db.reading() as connection:
        sql = "SELECT close_reason FROM cases WHERE number = $1"
        assert await connection.fetchval(sql, number) == "unreachable"


async def test_who_refuses_is_called_no_more_and_who_names_an_hour_is_called_then(client: httpx.AsyncClient) -> None:
    refuses, later = (await b.a_case("callback")).number, (await b.a_case("callback")).number
    day = clock.today() + timedelta(days=1)
    async with at_desk(client, clock.on(day, 10)):
        await _missed(client, refuses, outcome="refused", next_at="")
        await _missed(client, later, outcome="later", other_at=f"{day}T11:30")
        assert refuses in await house.get(client, "/visits?band=close")
        assert later in await house.get(client, "/visits?band=later")
    async with at_desk(client, clock.on(day, 11, 31)):
        assert later in await house.get(client, "/visits")
    assert await of_request(refuses, "state, exempt_by, visit_tries") == ("exempt", "refused", 1)
    assert await of_request(later, "state, exempt_by, visit_tries") == ("awaiting_visit", None, 0)


async def test_two_callers_never_ring_the_same_person(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("callback")
    address = f"/visits/{receipt.number}"
    async with house.signed_in(client, "callback", unit="HOT", name="周倩"):
        answer = await house.post(client, f"{address}/claim", {}, page="/visits")
        assert answer.status_code == 303, answer.text
        assert "您已认领" in await house.get(client, address)
    async with house.signed_in(client, "callback", unit="HOT", name="李静"):
        page = await house.get(client, address)
        assert "周倩 正在回访这一位" in page
        assert "do-visit" not in page
        answer = await house.post(client, f"{address}/visit", WORD, page="/visits")
        assert answer.status_code == 409, answer.text
        await house.post(client, "/visits/next", {}, page="/visits")
        async with db.reading() as connection:
            sql = (
                "SELECT p.name FROM visit_claim k JOIN request r ON r.id = k.request_id "
                "JOIN person p ON p.id = k.person WHERE r.receipt_no = $1"
            )
            assert await connection.fetchval(sql, receipt.number) == "周倩"
        with clock.at(clock.now() + timedelta(minutes=16)):  # it lapses
            page = await house.get(client, address)
            answer = await house.post(client, f"{address}/visit", {**WORD, "seq": seq(page)}, page=address)
            assert answer.status_code == 303, answer.text


async def test_somebody_who_wished_for_an_evening_is_on_the_list_in_the_evening(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("callback")).number
    day = clock.today() + timedelta(days=1)
    async with at_desk(client, clock.on(day, 10)):
        page = await house.get(client, f"/visits/{number}")
        sent = {"part": "evening", "seq": seq(page)}
        answer = await house.post(client, f"/visits/{number}/wish", sent, page=f"/visits/{number}")
        assert answer.status_code == 303, answer.text
        assert number not in await house.get(client, "/visits")
        assert number in await house.get(client, "/visits?band=later")
    async with at_desk(client, clock.on(day, 18, 30)):
        assert number in await house.get(client, "/visits")


async def test_what_the_unit_claims_and_the_citizen_denies_is_marked_on_the_case_and_at_the_audit(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("callback")
    said = {"was_contacted": False, "is_solved": False, "is_truthful": False, "grade": "dissatisfied"}
    said["cause"] = "untrue"
    await b.act("callback", receipt.number, verbs.visit, b.request, **said)
    async with house.signed_in(client, "callback", unit="HOT"):
        assert (await house.get(client, f"/cases/{receipt.number}")).count("≠") == 3
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        await house.get(client, f"/cases/{receipt.number}", status=404)
    await b.act("callback", receipt.number, verbs.rework, b.request, b.lead, reason="灯仍不亮", profile="UTIL24H")
    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/audit?case={receipt.number}")
        assert page.count("≠") == 3
        assert 'id="before"' in page


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
    hours = visit_hours.next_hours(friday, [friday], Weekdays())
    assert [(clock.local(h).day, clock.local(h).hour) for h in hours] == [(27, 15), (27, 19)]
    hours = visit_hours.next_hours(clock.on(date(2026, 11, 27), 19), [friday], Weekdays())
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
