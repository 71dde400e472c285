"""The unit's workbench through HTTP: bands by time left, acts that open the next, orders, alerts, whose is what."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from cases import verbs
from hotline import clock, db
from sla import supervision, sweep
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio

RESULT = {
    "result": "resolved", "note": "更换灯头两只。", "reply": "路灯已修好并试亮。", "is_substantiated": "yes",
    "has_contacted": "yes", "is_solved": "yes", "is_beyond_remit": "no",
}  # fmt: skip


def band(html: str, name: str) -> str:
    """The part of the page from one band's heading to the next."""
    found = re.search(rf'id="band-{name}".*?(?=id="band-|id="done")', html, re.DOTALL)
    assert found, name
    return found[0]


def hidden(html: str, slug: str) -> dict[str, str]:
    form = re.search(rf'<form[^>]*action="/cases/[^"]+/{slug}".*?</form>', html, re.DOTALL)
    assert form, (slug, html[-3000:])
    return dict(re.findall(r'type="hidden" name="(seq|back)" value="([^"]*)"', form[0]))


async def test_a_case_moves_through_the_bands_and_each_act_opens_the_next(client: httpx.AsyncClient) -> None:
    first, second = await b.a_case("dispatched"), await b.a_case("dispatched")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={first.number}")
        assert first.number in band(page, "sign")
        sent = hidden(page, "sign-off")
        answer = await house.post(client, f"/cases/{first.number}/sign-off", sent, page="/work")
        assert (answer.status_code, answer.headers["location"]) == (303, sent["back"])
        assert second.number in sent["back"]
        page = await house.get(client, f"/work?case={first.number}&act=contact")
        assert first.number not in band(page, "sign")
        await house.post(
            client, f"/cases/{first.number}/first-contact", {**hidden(page, "contact"), "way": "phone"}, page="/work"
        )
        page = await house.get(client, f"/work?case={first.number}&act=result")
        answer = await house.post(
            client, f"/cases/{first.number}/result", {**RESULT, **hidden(page, "result")}, page="/work"
        )
        assert answer.status_code == 303, answer.text
        page = await house.get(client, "/work")
        assert first.number in band(page, "audit")
        done = page[page.index('id="done"') :]
        assert first.number in done


async def test_what_falls_due_today_and_what_is_late_stands_under_today(client: httpx.AsyncClient) -> None:
    with clock.at(clock.now() - timedelta(days=2)):
        late = await b.a_case("signed")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, "/work")
    assert late.number in band(page, "today")
    assert "超期" in band(page, "today")


async def test_an_order_waits_at_the_top_until_it_is_answered(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    await b.act("supervisor", receipt.number, supervision.order, b.lead, rule="manual")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={receipt.number}&act=order_reply")
        assert "督办单待回复" in page
        number = re.search(r"督办〔\d+〕\d+号", page)
        assert number
        sent = {**hidden(page, "order-reply"), "order": number[0]}
        answer = await house.post(client, f"/cases/{receipt.number}/order-reply", sent, page="/work")
        assert answer.status_code == 422
        answer = await house.post(
            client, f"/cases/{receipt.number}/order-reply", {**sent, "reply": "已加派人手。"}, page="/work"
        )
        assert answer.status_code == 303, answer.text
        assert number[0] not in await house.get(client, "/work?act=result")
    async with db.reading() as connection:
        clocks = await connection.fetch(
            "SELECT k.outcome FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND k.stage = 'order_reply'",
            receipt.number,
        )
    assert [row["outcome"] for row in clocks] == ["met"]


async def test_alerts_are_shown_and_the_head_answers_them(client: httpx.AsyncClient) -> None:
    with clock.at(clock.now() - timedelta(days=3)):
        receipt = await b.a_case("dispatched")
    await sweep.sweep()
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, "/work")
        assert receipt.number in page
        assert "由单位负责人答复" in page
    async with house.signed_in(client, "unit_head", unit="130403"):
        assert "/board/alerts?alert=" in await house.get(client, "/work")


async def test_the_centres_words_reach_the_unit_and_the_sealed_requester_does_not(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(kind="report", words="举报楼下烧烤店，我是三楼王小明。", place="丛台区和平路12号")
    await b.act(
        "dispatcher",
        receipt.number,
        verbs.accept,
        matter="020201",
        county="130403",
        summary="某烧烤店占道经营。",
        title="王小明举报",
    )
    await b.act("dispatcher", receipt.number, verbs.dispatch, unit="130403", profile="RPT15")
    await b.act("supervisor", receipt.number, verbs.remind, b.lead, words="今天务必到场。")
    async with house.signed_in(client, "unit_handler", unit="130403", name="赵承办"):
        page = await house.get(client, f"/work?case={receipt.number}")
        listed = await house.get(client, "/work")
    assert "今天务必到场" in page
    assert "某烧烤店占道经营" in page
    for secret in ("王小明", "王**", "138****0001", "三楼", "12号"):
        assert secret not in page, secret
    for secret in ("王小明", "三楼", "12号"):
        assert secret not in listed, secret


async def test_another_units_case_is_not_on_the_workbench(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        page = await house.get(client, f"/work?case={receipt.number}")
        assert f'id="row-{receipt.number}"' not in page
        assert b.WORDS not in page


async def test_an_act_on_a_case_that_changed_meanwhile_is_told_and_loses_nothing(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={receipt.number}&act=result")
        await b.act("supervisor", receipt.number, verbs.remind, b.lead, words="快一点。")
        answer = await house.post(
            client, f"/cases/{receipt.number}/result", {**RESULT, **hidden(page, "result")}, page="/work"
        )
    assert answer.status_code == 409
    assert "更换灯头两只" in answer.text


@pytest.mark.requirement("001-20")
async def test_a_supervision_order_has_number_due_date_sign_off_and_reply(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed")
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/cases/{receipt.number}?act=order")
        form = re.search(r'<form[^>]*action="/cases/[^"]+/supervision-order".*?</form>', page, re.DOTALL)
        assert form
        assignment = re.search(r'name="assignment"[^>]*value="([^"]+)"', form[0]) or re.search(
            r'<option value="([0-9a-f-]{36})"', form[0]
        )
        assert assignment
        sent = {"assignment": assignment[1], "rule": "instruction", "seq": hidden(page, "supervision-order")["seq"]}
        answer = await house.post(client, f"/cases/{receipt.number}/supervision-order", sent, page="/board")
        assert answer.status_code == 303, answer.text
        again = await house.post(
            client, f"/cases/{receipt.number}/supervision-order", {**sent, "seq": ""}, page="/board"
        )
        assert again.status_code == 409
        listed = await house.get(client, "/board/orders")
    row = next(one for one in re.findall(r"<tr id=\"row-.*?</tr>", listed, re.DOTALL) if receipt.number in one)
    number = re.search(r"督办〔\d+〕\d+号", row)
    assert number
    assert "领导批示" in row
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert (await house.post(client, "/work/orders", {"order": number[0]}, page="/work")).status_code == 404
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert number[0] in await house.get(client, "/work")
        answer = await house.post(client, "/work/orders", {"order": number[0]}, page="/work")
        assert answer.status_code == 303, answer.text
        assert (await house.post(client, "/work/orders", {"order": number[0]}, page="/work")).status_code == 409
        answer = await house.post(
            client, f"/cases/{receipt.number}/order-reply", {"order": number[0], "reply": "已到场处理。"}, page="/work"
        )
        assert answer.status_code == 303, answer.text
    async with db.reading() as connection:
        order = await connection.fetchrow("SELECT * FROM supervision_order WHERE number = $1", number[0])
    assert order["signed_at"] < order["answered_at"] < order["due_at"]
    assert order["reply"] == "已到场处理。"
