"""Scores through their pages: traced to the case, frozen for ever, appealed; the year, honours, the public page."""

from __future__ import annotations

import asyncio
import html
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import pytest

from hotline import clock, db
from hotline.errors import Refusal
from hotline.ids import new_id
from hotline.work import work
from sla import (
    facts,
    facts_made,
    facts_store,
    points,
    records,
    scores_appeals,
    scores_frozen,
    scores_period,
    unit_points,
)
from tests import builders as b
from tests.engines import Place
from tests.web import house
from tests.web.administration import noted

pytestmark = pytest.mark.anyio

UNIT, MARCH, APRIL = "130403", "2026-03", "2026-04"
SHEET = f"/scores/handan/{MARCH}/{UNIT}"
IN_MARCH = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
IN_APRIL = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)


def text_of(page: str, identifier: str) -> str:
    """The words of the element with this id."""
    found = re.search(rf'id="{identifier}"[^>]*>(.*?)</(?:strong|dd|p|ul|tr|section)>', page, re.DOTALL)
    assert found, (identifier, page[:3000])
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


async def a_closed_case(at: datetime, **change: Any) -> Any:
    """A case of the unit brought to its end at that moment."""
    with clock.at(at):
        return await b.a_case("closed", **change)


async def rate(client: httpx.AsyncClient, receipt: Any, grade: str, at: datetime, *, is_told: bool = True) -> None:
    """The requester rates on the web; ``is_told``: the fact store has heard of it."""
    with clock.at(at):
        await house.post(client, "/track", {"number": receipt.number, "code": receipt.code}, page="/track")
        page = f"/track/{receipt.number}"
        answer = await house.post(client, f"{page}/rating", {"grade": grade}, page=page)
        assert answer.status_code == 303, answer.text[:2000]
    if is_told:
        await facts_store.refresh()


@pytest.fixture(scope="module")
async def cases(database: Place) -> list[Any]:
    """Four closed cases of March and one of April, none rated yet; two praises."""
    march = [await a_closed_case(IN_MARCH, words=f"第 {n} 盏路灯不亮") for n in range(4)]
    april = [await a_closed_case(IN_APRIL, words="井盖松动")]
    with clock.at(IN_MARCH):
        praised = [await b.a_case("dispatched", kind="praise", words=f"表扬路灯班组 {n}") for n in range(2)]
    await facts_store.refresh()
    return [*march, *april, *praised]


@pytest.mark.requirement("004-12")
async def test_one_rating_moves_the_score_by_what_the_formula_says_and_is_found_behind_it(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    await rate(client, cases[0], "satisfied", IN_MARCH)
    await rate(client, cases[1], "dissatisfied", IN_MARCH)
    async with house.signed_in(client, "coordination", unit="GOV"):
        before = await house.get(client, SHEET)
        await rate(client, cases[2], "satisfied", IN_MARCH)
        after = await house.get(client, SHEET)
        item = await house.get(client, f"{SHEET}/satisfaction")
        good = await house.get(client, f"{SHEET}/satisfaction?good=yes")
    moved = Decimal(text_of(after, "total")) - Decimal(text_of(before, "total"))
    exact = Fraction(25 * 2, 3) - Fraction(25, 2)
    assert abs(Fraction(moved) - exact) <= Fraction(1, 100), (moved, exact)
    assert text_of(item, "arithmetic") == "25 × 66.6667 ÷ 100 = 16.6667"
    assert text_of(item, "figure").startswith("66.6667 % = 2 ÷ 3")
    for n, is_counted in ((0, True), (1, False), (2, True)):
        assert cases[n].number in item
        assert (cases[n].number in good) is is_counted
    assert cases[3].number not in item


@pytest.mark.requirement("004-13")
async def test_one_page_shows_breaches_steps_of_the_ladder_and_scores_of_each_unit(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/scores?period={MARCH}")
        assert "只有 6 件，不足 10 件，不排名" in text_of(page, f"unit-{UNIT}")
        assert "武安市人民政府" in page[page.index('id="idle"') :]
    async with house.signed_in(client, "coordination", unit="GOV"):
        form = await formula(client)
        form |= {"items.3.weight": "26"}
        wrong = await house.post(client, "/scores/formulas/handan", {**form, "do": "preview"})
        assert wrong.status_code == 422
        assert "各项权重合计 101，应为 100" in wrong.text
        form |= {"items.3.weight": "25", "items.1.slope": "-1", "items.2.full": "0", "items.4.floor": "9"}
        wrong = await house.post(client, "/scores/formulas/handan", {**form, "do": "save"})
        assert all(why in wrong.text for why in ("扣分斜率是负数", "要除以 0", "的下限 9 高于上限 5")), wrong.text
        form = await formula(client) | {"least": "1", "begins": MARCH, "note": "试行期先不设最少件数"}
        seen = await house.post(client, "/scores/formulas/handan", {**form, "do": "preview"})
        assert seen.status_code == 200
        assert 'id="preview"' in seen.text
        kept = await house.post(client, "/scores/formulas/handan", {**form, "do": "save"})
        assert kept.status_code == 303, kept.text
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, f"/scores?period={MARCH}")
    row = text_of(page, f"unit-{UNIT}")
    assert row.split()[:2] == ["1", "丛台区人民政府"]
    for head in ("超期环节", "黄牌", "红牌", "督办单", "得分", "满意率"):
        assert head in page
    assert (await noted("formula:handan"))[0].kind == "score_formula_changed"


async def cost(first: datetime) -> tuple[int, int, int, int]:
    """What cards and points are on the unit in a month: points of the score, yellow in the store and on the sheet."""
    period = scores_period.of(clock.local_day(first), "month")
    await facts_store.refresh()
    async with db.reading() as connection:
        lost = (await points.totals(connection, period.first, period.end)).get(UNIT, 0)
        lines = await points.lines(connection, await b.person("supervisor"), [UNIT], period.first, period.end)
        cards = await facts.counted(connection, ["yellow"], period.first, period.end, by="unit", only=[UNIT])
        sheets = await records.sheets(connection, await b.person("supervisor"), period.text)
    own = next((one for one in sheets if one.unit == UNIT), records.Sheet(unit=UNIT))
    assert lost == sum(one.points for one in lines)
    return lost, own.points, sum(one.total for one in cards), own.yellow


async def test_what_is_given_back_in_a_later_month_leaves_the_month_in_which_it_was_lost(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    number, finding = cases[5].number, new_id()
    ladder = f"/ladder/cases/{number}"
    before = await cost(IN_MARCH)
    later = await cost(IN_APRIL)
    async with db.reading() as connection:
        share = await connection.fetchval(
            "SELECT a.id FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number
        )
    with clock.at(IN_MARCH):
        async with house.signed_in(client, "supervisor", unit="SUP"):
            card = {"assignment": share, "reason": "拖"}
            given = await house.post(client, f"{ladder}/card/yellow", card, page=ladder)
            assert given.status_code == 303, given.text
        async with work(await b.person("supervisor")) as w:
            await unit_points.lose(w, unit=UNIT, cause="bounty", cause_id=finding, points=3)
    assert await cost(IN_MARCH) == (before[0] + 8, before[1] + 5, before[2] + 1, before[3] + 1)
    async with db.reading() as connection:
        card = await connection.fetchval("SELECT id FROM supervision_record WHERE cause = 'yellow' AND case_id ="
                                         " (SELECT id FROM cases WHERE number = $1)", number)  # fmt: skip
    with clock.at(IN_APRIL):
        async with house.signed_in(client, "coordination", unit="GOV"):
            back = await house.post(client, f"{ladder}/cancel/{card}", {"reason": "停电所致，核实无误"}, page=ladder)
            assert back.status_code == 303, back.text
        async with work(await b.person("supervisor")) as w:
            await unit_points.restore(w, cause="bounty", cause_id=finding)
    assert (await cost(IN_MARCH), await cost(IN_APRIL)) == (before, later)


async def formula(client: httpx.AsyncClient) -> dict[str, str]:
    """The form of the city's formula as the page gives it."""
    page = await house.get(client, "/scores/formulas/handan")
    form = dict.fromkeys(re.findall(r'<(?:input|select)[^>]* name="([a-z_.0-9]+)"', page), "")
    for name in form:
        if found := re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', page):
            form[name] = html.unescape(found[1])
        elif box := re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', page, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', box[0])
            form[name] = chosen[1] if chosen else ""
    return {name: value for name, value in form.items() if name != "_token"} | {"note": "调整"}


async def freeze(client: httpx.AsyncClient, period: str) -> httpx.Response:
    return await house.post(client, f"/scores/handan/{period}/freeze", page=f"/scores?period={period}")


@pytest.mark.requirement("004-15")
async def test_a_published_sheet_never_moves_and_an_appeal_upheld_makes_a_revision_beside_it(
    client: httpx.AsyncClient, cases: list[Any], database: Place
) -> None:
    this_month = scores_period.of(clock.today(), "month").text
    async with house.signed_in(client, "supervisor", unit="SUP"):
        early = await freeze(client, this_month)
        assert early.status_code == 409
        assert "还没结束" in early.text
        assert (await freeze(client, MARCH)).status_code == 303
        assert (await freeze(client, MARCH)).status_code == 303
        published = text_of(await house.get(client, SHEET), "total")
        await rate(client, cases[3], "dissatisfied", IN_MARCH)
        page = await house.get(client, SHEET)
        assert text_of(page, "total") == published
        assert "公布的分数不变" in text_of(page, "since")
        assert "公布后数据有变" in text_of(await house.get(client, f"{SHEET}/satisfaction"), "basis")
    appeal = await appealed(client)
    async with house.signed_in(client, "coordination", unit="GOV"):
        much = await house.post(client, appeal, {"outcome": "upheld", "points": "9", "reason": "举证属实"}, page=appeal)
        assert much.status_code == 422
        assert "不超过失去的 8.3333 分" in much.text
        word = {"outcome": "upheld", "points": "2.5", "reason": "举证属实，评价对象有误"}
        told = await house.post(client, appeal, {**word, "reason": "已向 13800000001 核实"}, page=appeal)
        assert (told.status_code, "请改成只写案件编号和事实" in told.text) == (422, True)
        assert (await house.post(client, appeal, word, page=appeal)).status_code == 303
        again = await house.post(client, appeal, word, page=appeal)
        assert again.status_code == 409
        amended = await house.get(client, SHEET)
        assert Decimal(text_of(amended, "total")) == Decimal(published) + Decimal("2.5")
        assert f"首次公布为 {published}" in text_of(amended, "was")
        proof = await house.get(client, f"/scores/handan/{MARCH}/proof")
        assert proof.count("state-good") == 2
        assert "第 1 版" in proof
        body = await client.get(f"/scores/handan/{MARCH}/sheet.json")
        assert scores_frozen.scores_sheet.digest(body.text).hex() == body.headers["X-Content-SHA256"]
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM score_sheet WHERE period = $1", MARCH) == 2
        with pytest.raises(Exception, match="append-only"):
            await connection.execute("UPDATE score_sheet SET reason = 'x'")
    told = subprocess.run(
        [sys.executable, "-m", "hotline", "score", "--verify", MARCH], env={**os.environ, **database.environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("重算一致") == 2


async def appealed(client: httpx.AsyncClient) -> str:
    """The unit's appeal on its satisfaction; its address. Others, a second time and no lost point are refused."""
    ground = {"ground": "其中一件评价的是窗口排队，不是我区承办事项。"}
    async with house.signed_in(client, "unit_liaison", unit="CGB"):
        assert (await house.post(client, f"{SHEET}/satisfaction/appeal", ground)).status_code == 404
    async with house.signed_in(client, "unit_liaison", unit=UNIT, jurisdiction=UNIT):
        page = await house.get(client, f"{SHEET}/satisfaction")
        assert "对这一项申诉" in page
        whole = await house.post(client, f"{SHEET}/resolution/appeal", ground)
        assert whole.status_code == 409
        empty = await house.post(client, f"{SHEET}/satisfaction/appeal", {"ground": ""})
        assert empty.status_code == 422
        made = await house.post(client, f"{SHEET}/satisfaction/appeal", ground)
        assert made.status_code == 303
        second = await house.post(client, f"{SHEET}/satisfaction/appeal", ground)
        assert second.status_code == 409
        assert (await client.get(made.headers["location"])).status_code == 200
    async with db.reading() as connection:
        freezer = await connection.fetchval("SELECT frozen_by FROM score_sheet WHERE period = $1", MARCH)
        assert freezer is not None
    return str(made.headers["location"])


async def writing(held: asyncio.Event, over: asyncio.Event) -> None:
    """Somebody who writes the fact store until ``over``."""
    async with db.atomic() as connection:
        assert await facts_made.locked(connection)
        held.set()
        await over.wait()


async def test_a_sheet_published_while_somebody_writes_the_store_lacks_no_news(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    with clock.at(NEW_YEAR), pytest.raises(Refusal) as early:
        await scores_frozen.freeze(await b.person("supervisor"), "handan", scores_frozen.period_of("2026"))
    assert (early.value.code, "2026 年 4 月还没公布" in early.value.say.zh) == ("part_open", True)
    await rate(client, cases[4], "satisfied", IN_APRIL, is_told=False)
    held, over = asyncio.Event(), asyncio.Event()
    other = asyncio.create_task(writing(held, over))
    await held.wait()
    supervisor, april = await b.person("supervisor"), scores_frozen.period_of(APRIL)
    publishing = asyncio.gather(*(scores_frozen.freeze(supervisor, "handan", april) for _ in range(2)))
    async with db.reading() as connection:
        while not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            assert not publishing.done()
            await asyncio.sleep(0.01)
    over.set()
    sheet, again = await publishing
    await other
    assert (sheet.id, sheet.hash) == (again.id, again.hash)
    assert sheet.row(UNIT).item("satisfaction").n == 1  # type: ignore[union-attr]


@pytest.mark.requirement("000-05")
async def test_a_year_is_the_mean_of_its_published_periods(client: httpx.AsyncClient, cases: list[Any]) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert (await freeze(client, APRIL)).status_code == 303
        early = await freeze(client, "2026")
        assert early.status_code == (409 if clock.today() < date(2027, 1, 1) else 303)
    async with db.reading() as connection:
        sheets = [await scores_frozen.frozen(connection, "handan", period) for period in (MARCH, APRIL)]
    totals = [Decimal(sheet.row(UNIT).total) for sheet in sheets]  # type: ignore[union-attr, arg-type]
    mean = (sum(totals) / 2).quantize(Decimal("0.01"), ROUND_HALF_UP)
    with clock.at(NEW_YEAR):
        async with house.signed_in(client, "supervisor", unit="SUP"):
            page = await house.get(client, f"/scores/handan/2026/{UNIT}")
            assert Decimal(text_of(page, "total")) == mean
            assert text_of(page, "sum") == f"合计 ({totals[0].normalize():f} + {totals[1].normalize():f}) ÷ 2 = {mean}"
            assert (await freeze(client, "2026")).status_code == 303
            assert "state-good" in await house.get(client, "/scores/handan/2026/proof")
            late = await freeze(client, "2026-05")
            assert late.status_code == 409
            assert "2026 年度已经公布" in late.text


@pytest.mark.requirement("000-04")
async def test_praise_and_top_scores_feed_an_honour_list_that_two_people_approve(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    edit = f"/honours/edit?period={MARCH}"
    line = {"candidate": f"score.{UNIT}", "sentence_zh": "三月考核区组第一。", "sentence_en": "First in March."}
    async with house.signed_in(client, "publication", unit="HOT"):
        page = await house.get(client, edit)
        assert "收到表扬 2 件" in page
        assert "区第 1 名" in page
        told = await house.post(client, edit, {**line, "sentence_zh": "感谢打 13800000001 的群众。"}, page=edit)
        assert told.status_code == 422
        assert (await house.post(client, edit, {**line, "candidate": "score.CGB"}, page=edit)).status_code == 422
        assert (await house.post(client, edit, line, page=edit)).status_code == 303
        praised = {**line, "candidate": f"praise.{UNIT}", "sentence_zh": "三月两次受到群众表扬。"}
        assert (await house.post(client, edit, praised, page=edit)).status_code == 303
        waiting = await house.get(client, edit)
    assert "三月考核区组第一" not in await house.get(client, "/honours")
    async with house.signed_in(client, "supervisor", unit="SUP"):
        first = re.findall(r'id="waiting-([0-9a-f-]{36})"', waiting)[1]
        bare = await house.post(client, f"/honours/{first}/withdraw", {"reason": ""}, page=edit)
        assert bare.status_code == 422
        refused = await house.post(client, f"/honours/{first}/withdraw", {"reason": "换个说法"}, page=edit)
        assert refused.status_code == 303
        assert first not in await house.get(client, edit)
    async with house.signed_in(client, "publication", unit="HOT"):
        assert (await house.post(client, edit, praised, page=edit)).status_code == 303
        waiting = await house.get(client, edit)
    async with house.signed_in(client, "supervisor", unit="SUP"):
        for honour in re.findall(r'id="waiting-([0-9a-f-]{36})"', waiting):
            assert (await house.post(client, f"/honours/{honour}/approve", page=edit)).status_code == 303
    public = await house.get(client, "/honours")
    assert "三月考核区组第一" in public
    assert "三月两次受到群众表扬" in public


async def test_anybody_reads_published_scores_with_their_formula_and_the_bottom_only_by_approval(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    page = await house.get(client, f"/published-scores/{MARCH}")
    assert "丛台区人民政府" in page
    assert "25 × 满意率 ÷ 100" in page
    assert 'id="black"' not in page
    one = await house.get(client, f"/published-scores/{MARCH}/{UNIT}")
    assert cases[0].number not in one
    assert "25 × 66.6667 ÷ 100 = 16.6667" in one
    await house.get(client, "/published-scores/2026-05", status=404)
    async with house.signed_in(client, "unit_head", unit="CGB"):
        assert "丛台区人民政府" not in await house.get(client, "/scores?period=2026-05")
        await house.get(client, f"/scores/handan/2026-05/{UNIT}", status=404)


async def test_a_month_from_before_the_system_is_published_by_a_sheet_and_its_bottom_opened_by_another(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    head = "unit,n,response,on_time,resolution,satisfaction,returned,reworked\n"
    figures = (("130402", 40), ("复兴区人民政府", 30), (UNIT, 33))
    lines = [f"{unit},40,{n}/40,{n}/40,{n}/40,{n}/40,0,0\n" for unit, n in figures]
    page = "/scores?period=2025-12"

    async def given(text: str, period: str = "2025-12") -> httpx.Response:
        files = {"file": ("figures.csv", text.encode(), "text/csv")}
        return await house.post(client, f"/scores/handan/{period}/sheet", {}, page=page, files=files)

    async with house.signed_in(client, "supervisor", unit="SUP"):
        assert 'id="given"' in await house.get(client, page)
        wrong = await given(head + "蓬莱仙岛,4,1,1,1,1,0,0\n")
        assert wrong.status_code == 422
        assert "没有“蓬莱仙岛”这个单位" in wrong.text
        twice = await given(head + "".join(lines) + "邯山区人民政府,4,1,1,1,1,0,0\n")
        assert (twice.status_code, "“邯山区人民政府”出现两次" in twice.text) == (422, True)
        assert (await given(head + "".join(lines), "2026-05")).status_code == 409
        assert (await given(head + "".join(lines))).status_code == 303
        shown = await house.get(client, page)
        assert (text_of(shown, "red"), text_of(shown, "black")) == ("邯山区人民政府 100.00", "复兴区人民政府 71.25")
        own = await house.post(client, "/scores/handan/2025-12/black-list", page=page)
        assert own.status_code == 409
        assert 'id="given"' in await house.get(client, "/scores/handan/2025-12/130402/on_time")
    assert 'id="black"' not in await house.get(client, "/published-scores/2025-12")
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert (await house.post(client, "/scores/handan/2025-12/black-list", page=page)).status_code == 303
    assert "复兴区人民政府" in text_of(await house.get(client, "/published-scores/2025-12"), "black")


async def test_two_appeals_decided_at_once_both_count_and_who_comes_onto_the_black_list_by_them_waits_for_approval(
    client: httpx.AsyncClient, cases: list[Any]
) -> None:
    sheet, ground = "/scores/handan/2025-12", {"ground": "其中两件不是我区承办的事项，附办理记录。"}
    async with house.signed_in(client, "unit_liaison", unit="130404", jurisdiction="130404"):
        made = [await house.post(client, f"{sheet}/130404/{item}/appeal", ground, page=f"{sheet}/130404/{item}")
                for item in ("resolution", "satisfaction")]  # fmt: skip
    appeals = [UUID(one.headers["location"].rsplit("/", 1)[1]) for one in made]
    coordinator = await b.person("coord")

    async def decide(appeal: UUID) -> None:
        async with work(coordinator) as w:
            await scores_appeals.decide(w, appeal, outcome="upheld", points=Decimal("6.25"), reason="举证属实")

    await asyncio.gather(*map(decide, appeals))
    async with db.reading() as connection:
        kept = await scores_frozen.revisions(connection, "handan", "2025-12")
    assert [one.row("130404").total for one in kept] == ["71.25", "77.50", "83.75"]  # type: ignore[union-attr]
    assert 'id="black"' not in await house.get(client, "/published-scores/2025-12")
    async with house.signed_in(client, "coordination", unit="GOV"):
        assert "更正后新上榜的还没有同意公开" in await house.get(client, "/scores?period=2025-12")
        assert (await house.post(client, f"{sheet}/black-list", page="/scores?period=2025-12")).status_code == 303
    assert text_of(await house.get(client, "/published-scores/2025-12"), "black") == "丛台区人民政府"
