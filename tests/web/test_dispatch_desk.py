"""The dispatcher's desk through HTTP: why a case waits, ranked units with reasons, the due date, returns decided."""

from __future__ import annotations

import re

import httpx
import pytest

from cases import verbs
from hotline import city, clock, db
from routing import proposals
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


async def an_undispatched(**change: object) -> str:
    """An accepted report: never dispatched by rule."""
    given = {"kind": "report", "matter": "020201", "words": "举报某单位夜间违法施工。", **change}
    receipt = await b.a_receipt(**given)
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
    if state == "registered":
        await b.act(
            "dispatcher",
            receipt.number,
            verbs.accept,
            matter="020201",
            county=str(change.get("county", "130403")),
            summary="某工地夜间施工。",
            title="夜间施工",
        )
    return receipt.number


def sent(html: str) -> dict[str, str]:
    """The hidden fields of the dispatch form."""
    form = re.search(r'<form id="dispatch".*?</form>', html, re.DOTALL)
    assert form
    return dict(re.findall(r'type="hidden" name="(seq|back)" value="([^"]*)"', form[0]))


@pytest.mark.requirement("000-08")
async def test_a_report_waits_with_the_reason_and_ranked_units_and_is_dispatched_with_its_due_date(
    client: httpx.AsyncClient,
) -> None:
    number = await an_undispatched()
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?case={number}")
        assert "举报、保密件由人工派单" in page
        assert "属地承办" in page
        offered = re.findall(r'id="unit-(\w+)" name="unit"', page)
        assert offered[:2] == ["130403", "CGB"]
        assert re.search(r'id="unit-130403"[^>]*data-key="Digit1"[^>]* checked', page)
        assert "办结期限" in page
        answer = await house.post(
            client, f"/cases/{number}/dispatch", {**sent(page), "unit": "130403", "reason": ""}, page="/dispatch"
        )
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith("/dispatch")
        assert f'id="row-{number}"' not in await house.get(client, "/dispatch")


async def test_a_unit_is_found_by_name_and_by_code(client: httpx.AsyncClient) -> None:
    number = await an_undispatched()
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?case={number}&u=教育")
        assert re.search(r'id="unit-EDU" name="unit" value="EDU" checked', page)
        assert 'id="unit-PET"' in await house.get(client, f"/dispatch?case={number}&u=pet")
        assert "没有找到别的单位" in await house.get(client, f"/dispatch?case={number}&u=没有这个局")


@pytest.mark.requirement("004-09")
async def test_the_unit_complained_about_is_not_proposed_and_oversight_is(client: httpx.AsyncClient) -> None:
    number = await an_undispatched(
        kind="complaint", about_unit="130403", words="投诉区政府不办路灯。", matter="020201", county="130403"
    )
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?case={number}")
        offered = re.findall(r'id="unit-(\w+)" name="unit"', page)
        assert "130403" not in offered
        assert "DIS" in offered
        answer = await house.post(
            client, f"/cases/{number}/dispatch", {**sent(page), "unit": "130403"}, page="/dispatch"
        )
        assert answer.status_code == 409
        assert "不能派给被投诉的单位" in answer.text


async def test_a_return_shows_ground_rule_and_running_clock_and_is_refused_as_groundless(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_case("signed")
    await b.act(
        "congtai", receipt.number, verbs.ask_return, b.lead, ground="function", basis="三定方案第三条", suggested="CGB"
    )
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/dispatch?tab=returns&case={receipt.number}")
        for words in ("职能不符", "三定方案第三条", "时限照走", "剩"):
            assert words in page
        assert 'id="r-act"' in page
        found = re.search(r'name="assignment" value="([^"]+)"', page)
        seq = re.search(r'name="seq" value="(\d+)"', page)
        assert found
        assert seq
        answer = await house.post(
            client, f"/cases/{receipt.number}/return-decision",
            {"assignment": found[1], "seq": seq[1], "decision": "refuse", "reason": "由你办。", "is_groundless": "yes",
             "back": "/dispatch?tab=returns"}, page="/dispatch",
        )  # fmt: skip
        assert (answer.status_code, answer.headers.get("location")) == (303, "/dispatch?tab=returns"), answer.text
        assert f'id="row-{receipt.number}"' not in await house.get(client, "/dispatch?tab=returns")
    async with db.reading() as connection:
        causes = await connection.fetch(
            "SELECT r.cause FROM supervision_record r JOIN cases c ON c.id = r.case_id WHERE c.number = $1",
            receipt.number,
        )
    assert [row["cause"] for row in causes] == ["return_groundless"]


async def test_no_dead_tabs_and_no_case_of_another_county(client: httpx.AsyncClient) -> None:
    number = await an_undispatched(kind="assistance", matter="", county="130404", place="复兴区")
    async with db.reading() as connection:
        state = await connection.fetchval("SELECT state FROM cases WHERE number = $1", number)
    assert state in {"registered", "active", "accepted"}
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        page = await house.get(client, f"/dispatch?case={number}")
        assert f'id="row-{number}"' not in page
        for path in re.findall(r'id="tab-\w+" href="([^"]+)"', page):
            await house.get(client, path)


async def test_proposals_are_at_most_five_units_that_take_cases_none_twice(database: object) -> None:
    number = await an_undispatched()
    async with db.reading() as connection:
        from cases import queries, views

        case_id = await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)
        file = await views.read(connection, case_id)
        assert queries.PAGE
    ranked = proposals.ranked(file, clock.today(), city.current())
    codes = [one.unit.code for one in ranked]
    assert 3 <= len(codes) <= 5
    assert len(set(codes)) == len(codes)
    assert all(one.unit.is_on for one in ranked)
