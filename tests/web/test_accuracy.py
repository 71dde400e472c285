"""First-time-right on the board: what was taken back counts against the dispatcher, a groundless return the unit."""

from __future__ import annotations

import re

import httpx

from cases import verbs
from tests import builders as b
from tests.web import house


async def _returned(number: str, *, is_upheld: bool) -> None:
    """丛台区 asks to return; the dispatcher agrees and gives it to the bureau, or refuses it as groundless."""
    await b.act(
        "congtai", number, verbs.ask_return, b.lead, ground="function", basis="职责清单第 3 条", suggested="CGB"
    )
    if is_upheld:
        await b.act("dispatcher", number, verbs.approve_return, b.lead)
        await b.act("dispatcher", number, verbs.dispatch, unit="CGB", profile="STD5")
    else:
        await b.act("dispatcher", number, verbs.refuse_return, b.lead, reason="属于你们", is_groundless=True)


def cell(page: str, table: str, row: str, column: int) -> str:
    """The text of a row's cell in one of the tables."""
    found = re.search(rf'id="by-{table}".*?<td class="title">{row}</td>(.*?)</tr>', page, re.DOTALL)
    assert found, (table, row)
    return re.sub(r"<[^>]+>", "", re.findall(r"<td.*?</td>", found[1], re.DOTALL)[column]).strip()


async def test_each_figure_counts_first_dispatches_and_opens_the_cases_behind_it(client: httpx.AsyncClient) -> None:
    kept = await b.a_case("signed")
    waits = await b.a_case("dispatched")
    wrong = await b.a_case("dispatched")
    await _returned(wrong.number, is_upheld=True)
    groundless = await b.a_case("dispatched")
    await _returned(groundless.number, is_upheld=False)
    await b.act("congtai", groundless.number, verbs.sign, b.lead)
    report = await b.a_receipt(kind="report", matter="020201")
    await b.act(
        "dispatcher", report.number, verbs.accept, matter="020201", county="130403", summary="某工地夜间施工。",
        decided_by="model:7",
    )  # fmt: skip
    await b.act("dispatcher", report.number, verbs.dispatch, unit="CGB", profile="STD5")
    await b.act("dispatcher", report.number, verbs.recall, b.lead, reason="派错了")
    await b.act("dispatcher", report.number, verbs.dispatch, unit="130403", profile="STD5")
    by_hand = await b.a_receipt()
    await b.act("dispatcher", by_hand.number, verbs.accept, matter="020201", county="130403", place="和平路")
    async with house.signed_in(client, "coordination", unit="GOV"):
        page = await house.get(client, "/board/accuracy")
        assert "50.0 %" in page, "two of four that are known"
        assert [cell(page, "decider", "派单目录", n) for n in (1, 2, 3)] == ["2", "1", "2"]
        assert [cell(page, "decider", "孙丽", n) for n in (1, 2, 3)] == ["0", "1", "0"]
        assert cell(page, "source", "模型 7", 2) == "1"
        assert cell(page, "source", "人工", 3) == "1", "not yet known, and not left out"
        assert cell(page, "unit", "丛台区人民政府", 5) == "1", "the groundless return is the unit's"
        assert [cell(page, "matter", "020201 路灯不亮", n) for n in (1, 2)] == ["2", "2"]
        link = re.search(r'id="whole-wrong" href="([^"]+)"', page)
        assert link
        behind = await house.get(client, link[1].replace("&amp;", "&"))
        assert wrong.number in behind
        assert report.number in behind
        assert kept.number not in behind
        assert waits.number not in behind
        assert 'id="figure-accuracy"' in await house.get(client, "/board")
        assert (await client.get("/board/accuracy?since=2026-13-01")).status_code == 422
        assert "没有派出的案件" in await house.get(client, "/board/accuracy?since=2020-01-01&until=2020-02-01")


async def test_a_unit_sees_its_own_figures_no_dispatchers_and_only_cases_that_are_its_own(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "unit_head", unit="CGB"):
        page = await house.get(client, "/board/accuracy")
        assert "by-decider" not in page
        assert "丛台区人民政府" not in page
        assert re.search(r'id="whole-wrong"[^>]*>1<', page), "what it gave back counts as its own first dispatch"
        behind = await house.get(client, "/board/accuracy/cases?by=decider&key=catalogue&verdict=wrong")
        assert "没有您能看的案件" in behind, "a case that is with another unit now is not the unit's to read"
