"""The queue through HTTP: what is mine, most urgent first, filtered in the address, and cheap."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest

from hotline import db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


def numbers(page: str) -> list[str]:
    """The case numbers of the page's rows, in order."""
    return re.findall(r'<td class="title"><a href="/cases/([\d-]+)"', page)


async def test_a_page_with_counts_and_search_costs_at_most_six_statements(client: httpx.AsyncClient) -> None:
    await b.a_case("dispatched")
    for role, unit, county in (
        ("dispatcher", "HOT", ""),
        ("county_office", "130403", "130403"),
        ("unit_handler", "130403", ""),
    ):
        async with house.signed_in(client, role, unit=unit, jurisdiction=county):
            for path in ("/cases", "/cases?sort=new", "/cases?q=路灯", "/cases?band=overdue&county=130403"):
                await client.get(path)
                seen: list[str] = []
                mark = db.statements.set(seen)
                try:
                    answer = await client.get(path)
                finally:
                    db.statements.reset(mark)
                assert answer.status_code == 200
                asked = [one for one in seen if not one.startswith(("BEGIN", "COMMIT"))]
                assert 0 < len(asked) <= 6, (role, path, asked)


async def test_the_nearest_deadline_comes_first_and_new_ones_first_when_asked(client: httpx.AsyncClient) -> None:
    slow = await b.a_case("dispatched", matter="020101")
    quick = await b.a_case("dispatched", matter="020203")
    later = await b.a_case("dispatched", matter="020101")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        by_due = numbers(await house.get(client, "/cases"))
        by_new = numbers(await house.get(client, "/cases?sort=new"))
    assert by_due.index(quick.number) < by_due.index(slow.number)
    assert by_new.index(later.number) < by_new.index(slow.number)


@pytest.mark.requirement("004-06")
async def test_a_web_message_and_a_call_stand_in_the_same_queue(client: httpx.AsyncClient) -> None:
    web = await b.a_case("dispatched", channel="web")
    phone = await b.a_case("dispatched", channel="phone")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases?sort=new")
    assert {web.number, phone.number} <= set(numbers(page))


async def test_a_unit_finds_its_cases_and_no_others_and_no_requester(client: httpx.AsyncClient) -> None:
    mine = await b.a_case("dispatched", county="130403")
    theirs = await b.a_case("dispatched", county="130404", place="复兴区")
    async with house.signed_in(client, "unit_handler", unit="130403", name="李工"):
        page = await house.get(client, "/cases?sort=new")
        searched = await house.get(client, f"/cases?q={theirs.number}")
    assert mine.number in numbers(page)
    assert theirs.number not in page
    assert not numbers(searched)
    assert "王小明" not in page


async def test_a_county_office_sees_its_county(client: httpx.AsyncClient) -> None:
    mine = await b.a_case("dispatched", county="130403")
    theirs = await b.a_case("dispatched", county="130404", place="复兴区")
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        found = numbers(await house.get(client, "/cases?sort=new"))
    assert mine.number in found
    assert theirs.number not in found


async def test_filters_stand_in_the_address_as_words_that_can_be_taken_away(client: httpx.AsyncClient) -> None:
    here = await b.a_case("dispatched", county="130403")
    there = await b.a_case("dispatched", county="130404", place="复兴区")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases?county=130403&sort=new&kind=assistance")
    assert here.number in numbers(page)
    assert there.number not in numbers(page)
    assert "区县：丛台区" in page
    assert 'href="/cases?kind=assistance&amp;sort=new"' in page


async def test_search_finds_words_place_and_number(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched", words="学步桥旁的井盖翻了，电动车摔倒两人。", matter="020203")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        for asked in ("井盖", "学步桥", receipt.number):
            assert receipt.number in numbers(await house.get(client, f"/cases?q={asked}")), asked


async def test_nothing_found_says_why_and_offers_to_clear(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases?q=从来没有的词语甲乙丙")
    assert "没有符合条件的" in page
    assert "清除全部条件" in page


async def test_older_rows_follow_without_gap_or_repeat_and_a_broken_cursor_is_told(client: httpx.AsyncClient) -> None:
    made = [(await b.a_case("dispatched", county="130481", place="武安市")).number for _ in range(52)]
    async with house.signed_in(client, "county_office", unit="130481", jurisdiction="130481"):
        for sort in ("due", "new"):
            first = await house.get(client, f"/cases?sort={sort}")
            link = re.search(r'id="older" href="([^"]+)"', first)
            assert link
            second = await house.get(client, link[1].replace("&amp;", "&"))
            found = numbers(first) + numbers(second)
            assert len(numbers(first)) == 50
            assert sorted(found) == sorted(made)
        broken = await client.get("/cases?after=garbage")
        assert broken.status_code == 422
        assert "翻页地址不完整" in broken.text
        no_zone = f"/cases?sort=new&after=2026-11-01T00:00:00~{uuid4()}"
        assert (await client.get(no_zone)).status_code == 200, "a moment without a zone is the city's"


async def test_time_left_is_said_in_words_and_by_shape(client: httpx.AsyncClient) -> None:
    await b.a_case("dispatched", matter="020101")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases")
    assert re.search(r'<span class="mark" aria-hidden="true">[○◑◕▲]+</span> <span class="left-words">[剩今超]', page)


async def test_tabs_carry_their_counts_and_lead_to_their_slices(client: httpx.AsyncClient) -> None:
    waiting = await b.a_receipt(county="", place="", matter="")
    async with house.signed_in(client, "agent", unit="HOT"):
        page = await house.get(client, "/cases")
        tab = re.search(r'<a href="/cases\?state=registered">待受理 <span class="n">(\d+)</span>', page)
        assert tab
        assert int(tab[1]) >= 1
        assert waiting.number in numbers(await house.get(client, "/cases?state=registered&sort=new"))


async def test_a_reports_words_are_in_no_title_and_no_search(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt(kind="report", words="会计钱某虚开发票", county="130403")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases?sort=new")
        searched = await house.get(client, "/cases?q=虚开发票")
    assert receipt.number in numbers(page)
    assert "虚开" not in page
    assert receipt.number not in numbers(searched)
    async with house.signed_in(client, "agent", unit="HOT"):
        assert receipt.number not in await house.get(client, "/cases?sort=new")


async def test_the_queue_speaks_english_too(client: httpx.AsyncClient) -> None:
    await b.a_case("dispatched")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, "/cases?lang=en")
        await house.get(client, "/cases?lang=zh")
    assert "Time left" in page


async def test_a_closed_case_is_found_by_its_number_and_by_words_when_asked(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("closed", words="河沙镇路边沟堵了，雨水倒灌。")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert receipt.number in numbers(await house.get(client, f"/cases?q={receipt.number}"))
        page = await house.get(client, "/cases?q=倒灌")
        assert receipt.number not in numbers(page)
        assert "已结的也找" in page
        assert receipt.number in numbers(await house.get(client, "/cases?q=倒灌&open=all"))
