"""Rating a body without a case: verified accounts only, four grades, once a day, shown and answered, counted apart."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest

from cases import states
from hotline import city, clock, db
from hotline.accounts import Account
from tests import accounts as citizens
from tests.engines import Place
from tests.web import house

pytestmark = pytest.mark.anyio
UNIT = "CGB"


async def rated(client: httpx.AsyncClient, account: Account, unit: str = UNIT, **given: str) -> httpx.Response:
    """A rating through the form."""
    async with citizens.signed_in(client, account):
        page = f"/rate-a-body/{unit}"
        return await house.post(client, page, {"grade": "satisfied", **given}, page=page)


async def rows(account: Account) -> list[dict[str, object]]:
    """What the account has rated, as rows."""
    async with db.reading() as connection:
        found = await connection.fetch("SELECT * FROM body_rating WHERE account_id = $1 ORDER BY at", account.id)
    return [dict(row) for row in found]


@pytest.mark.requirement("004-20")
async def test_only_a_verified_account_rates_and_the_others_meet_a_page_with_ways_out(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/rate-a-body", f"/rate-a-body/{UNIT}"):
        page = await house.get(client, path)
        assert "评议单位要先核实身份，可带身份证到窗口。" in page
        assert "/account/register?next=%2Frate-a-body" in page
    pending = await citizens.an_account()
    async with citizens.signed_in(client, pending):
        assert pending.shown_code in await house.get(client, "/rate-a-body")
        answer = await house.post(client, f"/rate-a-body/{UNIT}", {"grade": "neutral"}, page="/rate-a-body")
        assert answer.status_code == 403
    assert await rows(pending) == []
    verified = await citizens.an_account(state="verified")
    assert (await rated(client, verified)).headers["location"] == "/me"
    async with citizens.signed_in(client, verified):
        assert "我评议的单位" in await house.get(client, "/me")


async def test_exactly_four_grades_are_offered_and_taken(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(state="verified")
    async with citizens.signed_in(client, account):
        page = await house.get(client, f"/rate-a-body/{UNIT}")
        assert re.findall(r'name="grade" value="(\w+)"', page) == list(states.GRADES)
        for grade in ("", "very_satisfied", "5"):
            answer = await house.post(
                client, f"/rate-a-body/{UNIT}", {"grade": grade, "words": "窗口少"}, page=f"/rate-a-body/{UNIT}"
            )
            assert answer.status_code == 422
            assert "窗口少" in answer.text
        assert (await client.get("/rate-a-body/nobody")).status_code == 404
        whole = next(one.code for one in city.current().units.values() if one.kind in ("province", "city"))
        answer = await house.post(client, f"/rate-a-body/{whole}", {"grade": "neutral"}, page=f"/rate-a-body/{UNIT}")
        assert answer.status_code == 404, "the list does not offer it either"
    assert await rows(account) == []


async def test_one_account_rates_a_body_once_a_day(client: httpx.AsyncClient, database: Place) -> None:
    account = await citizens.an_account(state="verified")
    assert (await rated(client, account)).status_code == 303
    again = await rated(client, account, grade="neutral")
    assert again.status_code == 409
    assert "明天可以再评" in again.text
    assert (await rated(client, account, "130403")).status_code == 303, "another body may be rated"
    async with database.as_owner() as owner:
        await owner.execute(
            "UPDATE body_rating SET day = day - 1, at = at - interval '1 day' WHERE account_id = $1", account.id
        )
    assert (await rated(client, account, grade="neutral")).status_code == 303
    assert [row["grade"] for row in await rows(account) if row["unit"] == UNIT] == ["satisfied", "neutral"]


async def test_a_body_is_found_by_a_part_of_its_name_and_a_county_offers_its_own(client: httpx.AsyncClient) -> None:
    async with citizens.signed_in(client, await citizens.an_account(state="verified")) as account:
        assert f'id="body-{UNIT}"' in await house.get(client, "/rate-a-body?q=城管")
        assert "没有找到" in await house.get(client, "/rate-a-body?q=火星")
        page = await house.get(client, "/rate-a-body?county=130403")
        found = re.findall(r'id="body-(\w+)"', page)
        assert found
        assert all(code.startswith("130403") for code in found)
        assert "county=130403" in page
        given = {"grade": "satisfied", "county": "130403"}
        await house.post(client, "/rate-a-body/130403", given, page="/rate-a-body/130403?county=130403")
    assert (await rows(account))[0]["portal"] == "130403"


@pytest.mark.requirement("004-10")
async def test_the_unit_sees_it_without_its_rater_answers_the_dissatisfied_and_the_rater_reads_it(
    client: httpx.AsyncClient,
) -> None:
    account = await citizens.an_account(state="verified", name="欧阳秋实")
    await rated(client, account, grade="dissatisfied", about="3 号窗口", words="排队两小时。")
    assert "3 号窗口".encode() not in bytes((await rows(account))[0]["about"])  # type: ignore[arg-type]
    async with house.signed_in(client, "supervisor"):
        page = await house.get(client, "/body-ratings")
        assert "排队两小时" in page
        assert (await rows(account))[0]["state"] == "received", "the centre's look is not the unit's"
    async with house.signed_in(client, "unit_handler", unit="130403"):
        assert "排队两小时" not in await house.get(client, "/body-ratings"), "another unit's"
        identity = (await rows(account))[0]["id"]
        other = await house.post(client, f"/body-ratings/{identity}/reply", {"reply": "x"}, page="/body-ratings")
        assert other.status_code == 404
    async with house.signed_in(client, "unit_handler", unit=UNIT):
        page = await house.get(client, "/body-ratings?only=waiting")
        assert "3 号窗口" in page
        assert "欧阳" not in page
        assert account.phone not in page
        assert (await rows(account))[0]["state"] == "shown"
        path = f"/body-ratings/{identity}/reply"
        empty = await house.post(client, path, {"reply": " "}, page="/body-ratings")
        assert empty.status_code == 422
        answer = await house.post(client, path, {"reply": "已增开两个窗口。"}, page="/body-ratings")
        assert answer.status_code == 303
        assert (await house.post(client, path, {"reply": "再答"}, page="/body-ratings")).status_code == 409
    async with citizens.signed_in(client, account):
        assert "已增开两个窗口" in await house.get(client, "/me")


async def test_they_count_apart_from_the_ratings_of_cases_and_leave_as_csv(client: httpx.AsyncClient) -> None:
    account = await citizens.an_account(state="verified")
    async with db.reading() as connection:
        before = await connection.fetchval("SELECT count(*) FROM supervision_record"), await connection.fetchval(
            "SELECT count(*) FROM rating"
        )
    await rated(client, account, "HOU", grade="basically_satisfied", words="=1+1")
    async with db.reading() as connection:
        after = await connection.fetchval("SELECT count(*) FROM supervision_record"), await connection.fetchval(
            "SELECT count(*) FROM rating"
        )
    assert before == after
    async with house.signed_in(client, "supervisor"):
        page = await house.get(client, "/board/records/HOU")
        part = page.partition('id="bodies"')[2]
        assert re.search(r"基本满意</dt><dd>1</dd>", part)
        assert "没有这样的记录" in page
        answer = await client.get("/body-ratings.csv?unit=HOU")
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(lines) == 2
        assert lines[1][1] == "HOU"
        assert "'=1+1" in lines[1], "no spreadsheet takes it for a formula"
        month = f"{clock.today() - timedelta(days=62):%Y-%m}"
        answer = await client.get(f"/body-ratings.csv?unit=HOU&period={month}")
        assert len(list(csv.reader(io.StringIO(answer.text)))) == 1
    async with house.signed_in(client, "agent"):
        assert (await client.get("/body-ratings.csv")).status_code == 403
