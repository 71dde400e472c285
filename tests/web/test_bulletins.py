"""Bulletins through HTTP: made of cases, passed by the gate and by others, frozen, the same to the byte ever after."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from hotline import clock, db
from sla import bulletins, facts_store
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def month() -> Any:
    """The month in which the cases are; its bulletin is made on the second day of the next."""
    return clock.today().replace(day=1)


def after(month: Any) -> datetime:
    """A working moment of the next month."""
    following = (month + timedelta(days=32)).replace(day=1)
    return clock.on(following + timedelta(days=1), 10)


@pytest.fixture(scope="module", autouse=True)
async def cases(database: object) -> str:
    """Two cases to their end and one at work; the number of the first."""
    one = await b.a_case("closed", words="和平路路灯不亮，晚上看不清")
    await b.a_case("closed", words="中华大街井盖松动，车轮一压就响")
    await b.a_case("signed", words="人民路下水道堵了")
    await facts_store.refresh()
    return one.number


async def make(client: httpx.AsyncClient, month: Any, **change: Any) -> str:
    """A draft by a publication officer; the address of its page."""
    given = {"kind": "monthly", "audience": "internal", "first": month.isoformat(), **change}
    answer = await house.post(client, "/bulletins", given, page="/bulletins/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def step(client: httpx.AsyncClient, place: str, name: str, **given: Any) -> httpx.Response:
    """Press a button of the page."""
    return await house.post(client, f"{place}/{name}", given, page=place)


async def issued(client: httpx.AsyncClient, month: Any, **change: Any) -> str:
    """A bulletin from draft to issue, each step by whom it belongs to; its address."""
    async with house.signed_in(client, "publication", unit="HOT"):
        place = await make(client, month, **change)
        assert (await step(client, place, "review")).status_code == 303
    async with house.signed_in(client, "business_reviewer", unit="HOT"):
        assert (await step(client, place, "approval")).status_code == 303
    if change.get("audience") == "public":
        async with house.signed_in(client, "secrecy_reviewer", unit="GOV"):
            assert (await step(client, place, "clearance")).status_code == 303
    async with house.signed_in(client, "publication", unit="HOT"):
        assert (await step(client, place, "issue")).status_code == 303
    return place


async def row_at(place: str) -> bulletins.BulletinRow:
    """The row behind a page."""
    async with db.reading() as connection:
        identifier = re.search(r"[0-9a-f-]{36}", place)
        assert identifier
        return await bulletins.found(connection, __import__("uuid").UUID(identifier[0]))


@pytest.mark.requirement("004-44", "001-19")
async def test_a_monthly_bulletin_goes_from_cases_to_an_issue_that_units_sign(
    client: httpx.AsyncClient, month: Any
) -> None:
    with clock.at(after(month)):
        place = await issued(client, month)
        async with house.signed_in(client, "unit_liaison", unit="130403"):
            listed = await house.get(client, "/bulletins")
            page = await house.get(client, place)
            assert "待签阅" in listed
            assert f"月报 {month.year} 年第 1 期" in page
            assert (await step(client, place, "reading")).status_code == 303
            assert (await step(client, place, "reading")).status_code == 303  # a second time nothing happens
        async with house.signed_in(client, "unit_liaison", unit="SUP"):
            await house.get(client, place, status=404)
        async with house.signed_in(client, "publication", unit="HOT"):
            page = await house.get(client, place)
            assert "1 / 1" in page
            assert (await step(client, place, "archive")).status_code == 303
    document = (await row_at(place)).document
    tables = {one.key: one for section in document.sections for one in section.tables}
    counts = {row[0][0]: row[1] for row in tables["counts"].rows}  # type: ignore[index]
    assert (counts["诉求量"], counts["派单量"], counts["办结量"], counts["结转下期"]) == (3, 3, 2, 1)
    assert [row[:2] for row in tables["carried"].rows] == [(("丛台区人民政府", "Congtai District Government"), 1)]
