"""The acts of a pause on the case page, the requester's own page, and the ledgers."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from hotline import clock, db
from tests import builders as b
from tests.web import house
from tests.web.test_track import opened

pytestmark = pytest.mark.anyio
WANTED = "1. 具体楼号\n2、发生的时间\n"


async def sent(client: httpx.AsyncClient, number: str, act: str, slug: str, **typed: str) -> httpx.Response:
    """Open the act on the case page, fill its form and post it."""
    where = f"/cases/{number}?act={act}"
    page = await house.get(client, where)
    form = re.search(rf'<form[^>]*action="/cases/[^"]+/{slug}".*?</form>', page, re.DOTALL)
    assert form, (slug, page[-3000:])
    hidden = dict(re.findall(r'type="hidden" name="(seq|back|request)" value="([^"]*)"', form[0]))
    return await house.post(client, f"/cases/{number}/{slug}", {**hidden, **typed}, page=where)


@pytest.mark.requirement("000-13")
async def test_what_is_missing_is_asked_once_and_whole_and_the_answer_on_the_page_sets_the_clock_going(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    number = receipt.number
    async with house.signed_in(client, "unit_handler", unit="130403"):
        answer = await sent(client, number, "info_ask_unit", "unit-info-request", wanted=WANTED)
        assert answer.status_code == 422, "whoever asks says that it is all"
        assert "具体楼号" in answer.text
        answer = await sent(client, number, "info_ask_unit", "unit-info-request", wanted=WANTED, is_all="yes")
        assert answer.status_code == 303, answer.text
        page = await house.get(client, f"/cases/{number}")
        assert "暂停 · 待市民补充" in page
        assert 'id="standing"' in page
        assert "<li>发生的时间</li>" in page, "each item once, without the number that was typed"
        assert "补正须一次性告知" in page, "a second one is refused with the rule that forbids it"
        assert "暂停 · 待市民补充" in await house.get(client, "/work")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert "暂停 · 待市民补充" in await house.get(client, f"/cases?q={number}")
        assert number in await house.get(client, "/ledgers?tab=awaited")
    page = await opened(client, receipt)
    assert "待您补充" in page
    assert "<li>具体楼号</li>" in page
    assert "已经晚了" not in page
    answer = await house.post(client, f"/track/{number}/words", {"words": ""}, page=f"/track/{number}")
    assert answer.status_code == 422
    answer = await house.post(client, f"/track/{number}/words", {"words": "3 号楼，周一晚"}, page=f"/track/{number}")
    assert answer.status_code == 303
    page = await house.get(client, f"/track/{number}")
    assert "待您补充" not in page
    assert "前答复" in page
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/cases/{number}")
        assert "诉求人已补充，时限继续" in page
        assert 'id="standing"' not in page


async def test_the_city_approves_a_plan_the_requester_reads_it_and_it_is_resumed(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("signed", kind="complaint", matter="020101")
    number = receipt.number
    async with db.reading() as connection:
        unit = await connection.fetchval("SELECT lead_unit FROM cases WHERE number = $1", number)
    review = clock.today() + timedelta(days=35)
    plan = {"reason": "管网改造须等汛期后施工", "plan": "12 月招标，1 月施工", "review": str(review)}
    async with house.signed_in(client, "unit_handler", unit=unit):
        assert (await sent(client, number, "suspension_ask", "suspension-request", **plan)).status_code == 303
        page = await house.get(client, f"/cases/{number}")
        assert "暂停 · 挂账" not in page, "nothing stands before it is approved"
        assert "已经申请挂账" in page
    async with house.signed_in(client, "coordination", unit="HOT"):
        assert "12 月招标" in await house.get(client, "/ledgers?tab=asked")
        said = {"decision": "approve", "reason": "同意，按计划办"}
        assert (await sent(client, number, "suspension_decision", "suspension-decision", **said)).status_code == 303
        listed = await house.get(client, "/ledgers")
        assert f"{review.month}月{review.day}日" in listed or f"{review:%m-%d}" in listed
        assert "暂停 · 挂账" in await house.get(client, f"/cases/{number}")
    page = await opened(client, receipt)
    assert "列入计划" in page
    assert "挂账" not in page
    async with house.signed_in(client, "unit_handler", unit=unit):
        assert number in await house.get(client, "/ledgers")
        assert (await sent(client, number, "resume_unit", "unit-resumption", reason="已招标")).status_code == 303
        assert "暂停" not in (await house.get(client, f"/cases/{number}")).partition('id="r-timeline"')[0]
    async with house.signed_in(client, "coordination", unit="HOT"):
        for tab in ("planned", "asked", "awaited", "unsolved"):
            await house.get(client, f"/ledgers?tab={tab}")


async def test_a_report_is_not_asked_by_message_and_the_way_out_is_named(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(kind="report", matter="020201")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
        assert "举报、保密件不发补正短信" in page
