"""Boards of figures through HTTP: who sees what, from a number to its cases, tables as files, the public statistics."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import httpx
import pytest

from hotline import clock, db
from sla import facts_store, small_cells
from tests import builders as b
from tests.engines import Place
from tests.web import house
from tests.web.test_citizen_words import BANNED_ZH

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("one_moment")]
BOARDS = ("", "/places", "/matters", "/units", "/stages", "/calls")


@pytest.fixture(scope="module")
async def receipts(database: Place, one_moment: object) -> dict[str, str]:
    """A closed case and a sealed one, counted."""
    closed = await b.a_case("closed", words="和平路路灯不亮，晚上看不清。")
    sealed = await b.a_receipt(kind="report", words="有人倒卖发票。", about_person="某某")
    await facts_store.refresh()
    return {"closed": closed.number, "sealed": sealed.number}


def tile(page: str, name: str) -> str:
    """The figure of a tile."""
    found = re.search(rf'id="tile-{name}">.*?<strong class="tile-figure">(.*?)</strong>', page, re.DOTALL)
    assert found, name
    return re.sub(r"<[^>]+>", "", found[1])


async def test_every_board_answers_in_both_languages_with_its_table_and_without_data(
    client: httpx.AsyncClient, receipts: dict[str, str]
) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        for board in BOARDS:
            page = await house.get(client, f"/figures{board}?span=month")
            assert "<table" in page or board == "/calls"  # nobody rang
            await house.get(client, f"/figures{board}?span=today&lang=en")
            empty = await house.get(client, f"/figures{board}?from=2019-01-01&to=2019-01-31&lang=zh")
            assert "没有" in empty or "还没有" in empty
        page = await house.get(client, "/figures?span=today")
        assert (tile(page, "requests"), tile(page, "ended")) == ("2", "1")
        assert tile(page, "resolved") == "100.0%"
        measures = await house.get(client, "/figures/measures")
        assert "GB/T 33358-2016" in measures
        one = await house.get(client, "/figures?unit=130403")
        assert "丛台区" in one
        assert "2026-11-25 这样" in await house.get(client, "/figures?from=2026-13-01", status=422)
        await house.get(client, "/figures/cases?measure=weather", status=404)


async def test_a_number_opens_its_cases_and_tells_how_many_are_not_the_viewers_to_see(
    client: httpx.AsyncClient, receipts: dict[str, str]
) -> None:
    path = "/figures/cases?measure=requests&span=today"
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, path)
        assert receipts["closed"] in page
        assert receipts["sealed"] in page
        assert "您无权查看" not in page
        good = await house.get(client, "/figures/cases?measure=resolved&span=today&good=0")
        assert "没有这样的件" in good
    async with house.signed_in(client, "publication", unit="HOT"):
        page = await house.get(client, path)
        assert receipts["sealed"] not in page
        assert "其中 1 件您无权查看" in page
    async with house.signed_in(client, "admin", unit="HOT"):
        page = await house.get(client, path)
        assert receipts["closed"] not in page
        assert "其中 2 件您无权查看" in page


async def test_a_county_and_a_unit_see_their_own_figures_and_no_others(
    client: httpx.AsyncClient, receipts: dict[str, str]
) -> None:
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        assert "丛台区" in await house.get(client, "/figures")
        await house.get(client, "/figures?county=130481", status=404)
        await house.get(client, "/figures?unit=CGB", status=404)
        await house.get(client, "/figures/calls", status=404)
    async with house.signed_in(client, "unit_head", unit="CGB"):
        page = await house.get(client, "/figures?span=today")
        assert tile(page, "requests") == "0"
        await house.get(client, "/figures?unit=130403", status=404)
        await house.get(client, "/figures/cases?measure=requests&unit=130403", status=404)
    async with house.signed_in(client, "agent", unit="HOT"):
        await house.get(client, "/figures", status=403)


async def test_every_table_is_a_file_and_taking_it_is_noted(
    client: httpx.AsyncClient, receipts: dict[str, str]
) -> None:
    from openpyxl import load_workbook

    async with house.signed_in(client, "supervisor", unit="SUP"):
        answer = await client.get("/figures/places?span=today&table=counties&as=csv")
        text = answer.content.decode("utf-8-sig")
        assert text.startswith("区县,诉求量")
        assert "丛台区,2" in text
        answer = await client.get("/figures/units?span=today&table=units&as=xlsx")
        rows = list(load_workbook(io.BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
        assert rows[0][0] == "承办单位"
        assert (await client.get("/figures/units?table=nothing&as=csv")).status_code == 404
    async with db.reading() as connection:
        noted = await connection.fetchval("SELECT count(*) FROM act WHERE kind = 'export.made'")
    assert noted == 2


async def test_the_public_reads_each_rate_with_its_formula_and_no_small_number(
    client: httpx.AsyncClient, receipts: dict[str, str]
) -> None:
    page = await house.get(client, f"/statistics?month={clock.today():%Y-%m}")
    assert "&lt;5" in page
    assert "÷" in page
    assert not re.search(r'<td class="n">[1-4]</td>', page)
    assert not re.search(r"&#34;data&#34;: \[[^]]*\b[1-4]\b", page)
    words = re.sub(r"<[^>]+>", " ", page)
    assert [word for word in BANNED_ZH if word in words] == []
    await house.get(client, "/statistics?lang=en")
    gone = clock.today().replace(day=1) - timedelta(days=40)
    assert "没有数据" in await house.get(client, f"/statistics?month={gone:%Y-%m}&lang=zh")
    assert 'href="/statistics"' in await house.get(client, "/")


async def test_praise_above_the_table_of_kinds_does_not_tell_how_many_reports_there_were() -> None:
    import web.routes  # noqa: F401 - rooms import one another in its order
    from web.figures import statistics

    kinds = {"enquiry": 20, "praise": 7, "report": 2}
    assert small_cells.marks(kinds) == {"report": small_cells.SMALL, "praise": small_cells.KEPT}
    told = {name.zh: value for (name, _), value in statistics.head({"requests": 29, "praise": 7}, kinds)}
    assert (told["收到"], told["表扬"]) == ("29", small_cells.KEPT)
