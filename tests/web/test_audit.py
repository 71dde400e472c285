"""Audit through HTTP: note and reply apart, passed or sent back, never by its handler, never straight to closed."""

from __future__ import annotations

import re

import httpx
import pytest

from hotline import db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


async def state_of(number: str) -> str:
    async with db.reading() as connection:
        return str(await connection.fetchval("SELECT state FROM cases WHERE number = $1", number))


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the audit form."""
    form = re.search(r'<form[^>]*action="/cases/[^"]+/audit".*?</form>', html, re.DOTALL)
    assert form, html[-4000:]
    found = dict(re.findall(r'type="hidden" name="(seq|back|assignment)" value="([^"]*)"', form[0]))
    found |= dict(re.findall(r'name="(assignment)" value="([^"]+)"', form[0]))
    return found


@pytest.mark.requirement("004-46")
async def test_the_handlers_done_moves_to_audit_not_to_closed(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("handled")
    assert await state_of(receipt.number) == "active"
    async with house.signed_in(client, "unit_handler", unit="130403"):
        answer = await house.post(client, f"/cases/{receipt.number}/closure", {"reason": ""}, page="/work")
        assert answer.status_code in {403, 404}
        answer = await house.post(client, f"/visits/{receipt.number}/close", {}, page="/work")
        assert answer.status_code == 403
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/audit?case={receipt.number}")
        assert f'id="row-{receipt.number}"' in page
        answer = await house.post(
            client, f"/cases/{receipt.number}/audit", {**hidden(page), "decision": "approve"}, page="/audit"
        )
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith("/audit")
    assert await state_of(receipt.number) == "callback"


async def test_internal_note_and_public_reply_stand_apart_and_are_named(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("handled")
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/audit?case={receipt.number}")
    note = re.search(r'<section class="internal">(.*?)</section>', page, re.DOTALL)
    reply = re.search(r'<section class="reply">(.*?)</section>', page, re.DOTALL)
    assert note
    assert reply
    assert b.HANDLED["note"] in note[1]
    assert b.HANDLED["reply"] not in note[1]
    assert "仅工作人员可见" in note[1]
    assert b.HANDLED["reply"] in reply[1]
    assert b.HANDLED["note"] not in reply[1]


async def test_sent_back_the_case_returns_to_the_unit_with_the_reason_and_its_old_due_date(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    async with db.reading() as connection:
        before = await connection.fetchval(
            "SELECT k.due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stage = 'finish'",
            receipt.number,
        )
    from cases import verbs

    await b.act("congtai", receipt.number, verbs.handle, b.lead, **b.HANDLED)
    async with house.signed_in(client, "auditor", unit="HOT"):
        page = await house.get(client, f"/audit?case={receipt.number}")
        sent = {**hidden(page), "decision": "send_back"}
        answer = await house.post(client, f"/cases/{receipt.number}/audit", sent, page="/audit")
        assert answer.status_code == 422
        answer = await house.post(
            client, f"/cases/{receipt.number}/audit", {**sent, "reason": "没有写试亮时间"}, page="/audit"
        )
        assert answer.status_code == 303, answer.text
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={receipt.number}")
        assert "没有写试亮时间" in page
    async with db.reading() as connection:
        after = await connection.fetchval(
            "SELECT k.due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE c.number = $1 AND k.stage = 'finish' "
            "AND k.stopped_at IS NULL",
            receipt.number,
        )
    assert after == before


async def test_whoever_handled_it_is_told_why_they_cannot_audit(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("handled")
    async with house.signed_in(client, "auditor", "unit_handler", unit="130403"):
        page = await house.get(client, f"/audit?case={receipt.number}")
        assert "承办的人不能审核自己的结果" in page
        assert f'action="/cases/{receipt.number}/audit"' not in page
        answer = await house.post(client, f"/cases/{receipt.number}/audit", {"decision": "approve"}, page="/audit")
        assert answer.status_code == 409
    assert await state_of(receipt.number) == "active"
