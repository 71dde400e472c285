"""A unit's own answers on its pages: the proposed unit, the desk's objections, down the tree, the head's list."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from cases import verbs, verbs_hands
from hotline import city, db
from sla import handing
from tests import builders as b
from tests.web import house
from tests.web.test_workbench import RESULT, hidden

pytestmark = pytest.mark.anyio

STREET, VILLAGE = "130403001", "130403001001"
TO_DO = {"reason": "请到场看灯杆"}


def of(unit: str) -> Any:
    return lambda file: file.assignment_of(unit)


async def sent(client: httpx.AsyncClient, where: str, number: str, slug: str, **typed: str) -> httpx.Response:
    """Open the page, fill the form of an act and post it."""
    page = await house.get(client, where)
    return await house.post(client, f"/cases/{number}/{slug}", {**hidden(page, slug), **typed}, page=where)


async def test_who_says_that_it_belongs_elsewhere_says_where_and_the_desk_decides_the_objection(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("dispatched")).number
    here = f"/work?case={number}&act="
    async with house.signed_in(client, "unit_handler", unit="130403"):
        told = {"ground": "function", "basis": "三定规定第四条"}
        answer = await sent(client, f"{here}return", number, "return", **told)
        assert answer.status_code == 422
        assert 'id="e-suggested"' in answer.text
        assert "三定规定第四条" in answer.text, "nothing that was typed is lost"
        assert "act=objection#r-act" not in await house.get(client, f"{here}return"), "first the return"
        assert (await sent(client, f"{here}return", number, "return", **told, suggested="CGB")).status_code == 303
    await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="属地明确")
    async with house.signed_in(client, "unit_handler", unit="130403"):
        said = {"reason": "灯杆产权属供电公司", "basis": "移交协议第二条"}
        assert (await sent(client, f"{here}objection", number, "objection", **said)).status_code == 303
        assert "异议待裁定" in await house.get(client, "/work")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        desk = f"/dispatch?tab=objections&case={number}"
        page = await house.get(client, desk)
        assert "移交协议第二条" in page
        share = re.search(r'name="assignment" value="([^"]+)"', page)
        assert share
        decided = {"assignment": share[1], "decision": "redispatch", "unit": "PWR"}
        assert (await sent(client, desk, number, "objection-decision", **decided)).status_code == 422
        answer = await sent(client, desk, number, "objection-decision", **decided, reason="产权属供电公司。")
        assert answer.status_code == 303
        page = await house.get(client, f"/cases/{number}")
        assert "国网邯郸供电公司" in page[page.index('id="went-to"') :]
        where = f"/cases/{number}?act=recall"
        back = {"assignment": _share(await house.get(client, where)), "reason": "再派", "unit": "130403"}
        answer = await sent(client, where, number, "recall", **back)
        assert answer.status_code == 409
        assert "已退回过这件事" in answer.text


def _share(page: str) -> str:
    found = re.search(r'name="assignment"[^>]*>\s*<option value="([^"]+)"', page) or re.search(
        r'name="assignment" value="([^"]+)"', page
    )
    assert found, page[-3000:]
    return found[1]


@pytest.mark.requirement("004-24")
@pytest.mark.requirement("000-27")
@pytest.mark.requirement("003-06")
async def test_a_county_hands_down_sees_the_report_on_its_own_line_and_answers_with_it(
    client: httpx.AsyncClient,
) -> None:
    number = (await b.a_case("signed")).number
    async with house.signed_in(client, "unit_handler", unit="130403"):
        where = f"/work?case={number}&act=hand_down"
        assert f'value="{VILLAGE}"' in await house.get(client, where)
        answer = await sent(client, where, number, "handing-down", unit="CGB", **TO_DO)
        assert answer.status_code == 422
        assert 'id="e-unit"' in answer.text
        assert (await sent(client, where, number, "handing-down", unit=VILLAGE, reason="请到场")).status_code == 303
        page = await house.get(client, f"/work?case={number}")
        assert page.count(f'id="row-{number}"') == 1
        assert "已下派 丛台西街道办事处" in page
    async with house.signed_in(client, "unit_handler", unit=VILLAGE, name="姜文"):
        page = await house.get(client, f"/work?case={number}")
        assert "来自 丛台西街道办事处" in page
        for secret in ("王小明", "王**", "138****0001"):
            assert secret not in page, secret
        assert 'id="do-result"' not in page
        await sent(client, f"/work?case={number}", number, "sign-off")
        answer = await sent(client, f"/work?case={number}&act=report_up", number, "report-up", **RESULT)
        assert answer.status_code == 303, answer.text
    await b.act("street", number, verbs.sign, of(STREET))
    await b.act("street", number, verbs_hands.report_up, of(STREET), **{**b.HANDLED, "reply": "街道已换灯头。"})
    async with house.signed_in(client, "unit_handler", unit="130403"):
        page = await house.get(client, f"/work?case={number}")
        assert "丛台西街道办事处 已上报" in page
        form = page[page.index('id="form-result"') :]
        assert "街道已换灯头。" in form, "its result begins with the report"
        answer = await sent(client, f"/work?case={number}", number, "result", **RESULT)
        assert answer.status_code == 303


async def test_the_head_switches_approval_on_and_lets_a_reply_leave_or_sends_it_back(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed")).number
    try:
        async with house.signed_in(client, "unit_head", unit="130403"):
            assert "没有等您批准的" in await house.get(client, "/approvals")
            answer = await house.post(client, "/approvals", {"needs_head": "yes"}, page="/approvals")
            assert answer.status_code == 303
        assert city.current().units["130403"].needs_head
        async with house.signed_in(client, "unit_handler", unit="130403"):
            assert (await client.get("/approvals")).status_code == 403
            where = f"/work?case={number}&act=head_ask"
            assert (await sent(client, where, number, "head-request", **RESULT)).status_code == 303
            assert "待负责人批准" in await house.get(client, f"/work?case={number}")
        async with house.signed_in(client, "unit_head", unit="130403"):
            page = await house.get(client, f"/approvals?case={number}")
            assert RESULT["reply"] in page
            assert 'data-key="KeyA"' in page
            assert 'data-key="KeyD"' in page
            where = f"/approvals?case={number}"
            assert (await sent(client, where, number, "head-refusal", reason="写明日期")).status_code == 303
        async with house.signed_in(client, "unit_handler", unit="130403"):
            where = f"/work?case={number}&act=head_ask"
            page = await house.get(client, where)
            assert "写明日期" in page
            assert RESULT["note"] in page[page.index('id="form-head_ask"') :], "what was written is there again"
            assert (await sent(client, where, number, "head-request", **RESULT)).status_code == 303
        async with house.signed_in(client, "unit_head", unit="130403"):
            answer = await sent(client, f"/approvals?case={number}", number, "head-approval")
            assert answer.status_code == 303
            assert "已不等您批准" in await house.get(client, f"/approvals?case={number}")
        async with db.reading() as connection:
            state = await connection.fetchval(
                "SELECT a.state FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number
            )
        assert state == "handled"
    finally:
        async with house.signed_in(client, "unit_head", unit="130403"):
            await house.post(client, "/approvals", {}, page="/approvals")


async def test_the_desk_answers_what_a_lead_asks_about_co_handlers(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed")).number
    await b.act("congtai", number, verbs_hands.ask_co_handler, b.lead, unit="CGB", reason="养护路段")
    desk = f"/dispatch?tab=objections&case={number}"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert "养护路段" in await house.get(client, desk)
        answer = await sent(client, desk, number, "co-handler-decision", decision="grant", reason="同意。")
        assert answer.status_code == 303, answer.text
        page = await house.get(client, f"/cases/{number}?act=co_release")
        released = {"assignment": _share(page), "reason": "已不需要"}
        answer = await sent(client, f"/cases/{number}?act=co_release", number, "co-handler-release", **released)
        assert answer.status_code == 303
    await b.act("congtai", number, verbs.handle, b.lead, **b.HANDLED)


async def test_a_lower_units_share_is_not_another_units_to_take_back(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("signed")).number
    file = await b.act("congtai", number, handing.hand_down, b.lead, unit=STREET, **TO_DO)
    share = str(next(one.id for one in file.live if one.unit == STREET))
    async with house.signed_in(client, "unit_handler", unit=STREET):
        answer = await house.post(
            client, f"/cases/{number}/taking-back", {"assignment": share, "reason": "x"}, page=f"/cases/{number}"
        )
        assert answer.status_code == 404
    async with house.signed_in(client, "admin", unit="HOT"):
        page = await house.get(client, f"/admin/units/{STREET}")
        version = re.search(r'name="version" value="([^"]*)"', page)
        assert version
        typed = {"name_zh": "丛台西街道办事处", "name_en": "Congtaixi", "parent": VILLAGE, "is_on": "yes",
                 "step": "apply", "version": version[1]}  # fmt: skip
        answer = await house.post(client, f"/admin/units/{STREET}", typed, page=f"/admin/units/{STREET}")
    assert answer.status_code == 422
    assert 'id="e-parent"' in answer.text
