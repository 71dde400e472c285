"""Dispatch rules through HTTP: written in plain rows, tried on last month's cases, warned, put in force, mended."""

from __future__ import annotations

import re

import httpx
import pytest

from hotline import db
from routing import book, trial
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


def a_form(**change: object) -> dict[str, object]:
    """What the form of a rule about noise posts: one filled row, the others empty."""
    rows = {f"{name}-{n}": "" for n in range(1, 7) for name in ("field", "value")}
    return {
        **rows, "name": "夜间噪声", "field-1": "words", "operator-1": "has_any", "value-1": "噪声、吵闹", "unit": "CGB",
        "valid_from": "2026-01-01", **change,
    }  # fmt: skip


async def written(client: httpx.AsyncClient, **change: object) -> int:
    """A rule written through its form; its number."""
    answer = await house.post(client, "/rules/new", a_form(**change), page="/rules/new")
    assert answer.status_code == 303, re.findall(r'class="error"[^>]*>.*?</p>', answer.text)
    found = re.fullmatch(r"/rules/(\d+)/trial", answer.headers["location"])
    assert found
    return int(found[1])


async def version_of(number: int) -> int:
    """The version that stands now."""
    return int(await db.pool().fetchval("SELECT version FROM routing_rule WHERE id = $1", number))


async def live(client: httpx.AsyncClient, number: int, **given: object) -> httpx.Response:
    """Put a rule in force."""
    data = {"version": await version_of(number), **given}
    return await house.post(client, f"/rules/{number}/live", data, page=f"/rules/{number}/trial")


async def off(client: httpx.AsyncClient, number: int) -> None:
    """Switch it off."""
    data = {"version": await version_of(number)}
    assert (await house.post(client, f"/rules/{number}/off", data, page="/rules")).status_code == 303


async def test_a_rule_is_written_tried_on_last_months_cases_put_in_force_and_decides(client: httpx.AsyncClient) -> None:
    noisy = [(await b.a_receipt(matter="020201", words=f"楼下第{n}天噪声大。")).number for n in range(3)]
    await b.a_receipt(matter="020201", words="路灯不亮。")
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert "还没有规则" in await house.get(client, "/rules")
        number = await written(client)
        page = await house.get(client, f"/rules/{number}/trial")
        assert '<strong id="n-matched">3</strong>' in page
        assert "共试 4 件" in page
        assert re.search(r"丛台区人民政府.*?市城市管理和综合行政执法局.*?<td class=\"n\">.*?3</td>", page, re.DOTALL)
        assert all(f'href="/cases/{one}"' in page for one in noisy)
        answer = await live(client, number)
        assert answer.status_code == 303, answer.text
        receipt = await b.a_receipt(matter="020201", words="半夜吵闹不停。")
        shown = await house.get(client, f"/cases/{receipt.number}")
        assert f"按规则 {number} 派单：市城市管理和综合行政执法局" in shown
        page = await house.get(client, "/rules")
        assert re.search(rf'id="row-{number}".*?启用.*?<td class="n">.*?1</td>', page, re.DOTALL)
        await off(client, number)


async def test_a_rule_that_matches_everything_or_nothing_needs_a_second_yes_with_a_reason(
    client: httpx.AsyncClient,
) -> None:
    await b.a_receipt(matter="020201")
    async with house.signed_in(client, "admin"):
        for change, words in (
            ({"field-1": "", "value-1": ""}, "几乎接走所有诉求"), ({"value-1": "绝对没有这个词"}, "没有一件符合它"),
        ):  # fmt: skip
            number = await written(client, **change)
            assert words in await house.get(client, f"/rules/{number}/trial")
            answer = await live(client, number)
            assert answer.status_code == 422
            assert "请写明为什么仍要启用" in answer.text
            answer = await live(client, number, reason="防汛期间统一由市里派。", is_sure="yes")
            assert answer.status_code == 303
            assert "防汛期间统一由市里派。" in await house.get(client, f"/rules/{number}")
            await off(client, number)


async def test_the_trial_says_which_rule_takes_its_cases_and_which_one_it_hides(client: httpx.AsyncClient) -> None:
    await b.a_receipt(matter="020201", words="广场舞噪声。")
    async with house.signed_in(client, "coordination", unit="GOV"):
        first, second = await written(client, name="前一条"), await written(client, name="后一条", unit="EEB")
        assert (await live(client, first)).status_code == 303
        page = await house.get(client, f"/rules/{second}/trial")
        assert "它轮不到" in page
        assert f"规则 {first} 前一条" in page
        data = {"up": "yes"}
        assert (await house.post(client, f"/rules/{second}/order", data, page="/rules")).status_code == 303
        page = await house.get(client, f"/rules/{second}/trial")
        assert "后面的规则会少接" in page
        assert "它轮不到" not in page
        order = re.findall(r'id="row-(\d+)"', await house.get(client, "/rules"))
        assert order.index(str(second)) < order.index(str(first))
        await off(client, first)


async def test_a_trial_that_takes_too_long_is_content_with_the_latest_cases_and_says_so(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await b.a_receipt(matter="020201", words="广场舞噪声。")
    monkeypatch.setattr(trial, "PATIENCE", -1.0)
    monkeypatch.setattr(trial, "_CHUNK", 2)
    async with house.signed_in(client, "coordination", unit="GOV"):
        number = await written(client)
        assert "只试了最近的 2 件" in await house.get(client, f"/rules/{number}/trial")


async def test_wrong_values_come_back_beside_their_row_and_a_changed_rule_is_not_overwritten(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "coordination", unit="GOV"):
        wrong = {
            "field-2": "county", "operator-2": "one_of", "value-2": "不存在区", "field-3": "hours",
            "operator-3": "between", "value-3": "夜里", "field-4": "words", "operator-4": "between", "value-4": "噪声",
            "co_handlers": "没有这个局", "valid_to": "2025-01-01",
        }  # fmt: skip
        answer = await house.post(client, "/rules/new", a_form(**wrong), page="/rules/new")
        assert answer.status_code == 422
        said = ("没有“不存在区”", "“夜里”不是时段", "只能用：含有任一词", "没有接单的单位", "最后一天早于第一天")
        assert [one for one in said if one not in answer.text] == []
        assert 'value="不存在区"' in answer.text
        number = await written(client, **{"field-2": "county", "operator-2": "one_of", "value-2": "丛台区"})
        page = await house.get(client, f"/rules/{number}")
        assert 'value="丛台区"' in page
        change = a_form(name="改过", version="1")
        assert (await house.post(client, f"/rules/{number}", change, page="/rules")).status_code == 303
        answer = await house.post(client, f"/rules/{number}", change, page="/rules")
        assert answer.status_code == 409
        assert "别人刚改过这条规则" in answer.text
        assert (await client.get("/rules/99999")).status_code == 404
        assert (await client.get("/rules/99999/trial")).status_code == 404


async def test_a_rule_that_failed_is_shown_with_its_fault_on_the_home_of_administration(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "admin"):
        number = await written(client, unit="EEB", name="会坏的")
        await live(client, number, reason="试", is_sure="yes")
        await db.pool().execute("UPDATE routing_rule SET unit = 'GONE' WHERE id = $1", number)
        await book.refresh()
        receipt = await b.a_receipt(matter="020201", words="吵闹。")
        state = await db.pool().fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
        assert state == "active"
        page = await house.get(client, "/admin")
        assert f"派单规则 {number} 出错" in page
        assert "单位不存在" in page
        assert "单位不存在" in await house.get(client, f"/rules/{number}")
        assert "单位不存在" in await house.get(client, f"/rules/{number}/trial")
        answer = await live(client, number)
        assert answer.status_code == 422
        assert f"派单规则出错，自动停用 {number}" in await house.get(client, "/admin/acts")
    await book.refresh()
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert f'id="failed-{number}"' in await house.get(client, "/dispatch")


async def test_rules_are_for_those_who_edit_routing(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        for path in ("/rules", "/rules/new", "/rules/1", "/rules/1/trial"):
            assert (await client.get(path)).status_code == 403
