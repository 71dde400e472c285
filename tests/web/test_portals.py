"""Portals and workspaces of the jurisdictions: whose a request is, who sees what, and counts that add up."""

from __future__ import annotations

import re

import httpx
import pytest

from channels import intake
from hotline import city, db, outlines
from tests import accounts as citizens
from tests import builders as b
from tests.web import house
from tests.web.test_citizen import answered, sent

pytestmark = pytest.mark.anyio
COUNTY, OTHER = "130403", "130402"


async def rows(sql: str, *args: object) -> list[dict[str, object]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


def figures(page: str, code: str) -> list[int]:
    """The figures of one row of the table, in the order of its columns."""
    row = re.search(rf'<tr id="tally-{code}">(.*?)</tr>', page, re.DOTALL)
    assert row, (code, page)
    cells = re.findall(r'<td class="n">(.*?)</td>', row[1], re.DOTALL)
    return [int(re.sub(r"<[^>]+>", "", cell)) for cell in cells]


def workspaces(page: str) -> list[str]:
    return [one for one in re.findall(r'<tr id="tally-([0-9a-z]+)">', page) if one != "whole"]


@pytest.fixture(scope="module", autouse=True)
async def some_cases(database: object, one_moment: object) -> None:
    """Cases here, there, nowhere and in a county that is no more."""
    await b.a_case("dispatched", county=COUNTY)
    await b.a_case("closed", county=OTHER, place="邯山区")
    await b.a_case("registered", county="", place="", matter="", kind="enquiry")
    await b.a_case(
        "registered", county="", place="", matter="", kind="complaint", organisation_code="911304007341234560"
    )
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE cases SET county = '130421' WHERE id = (SELECT id FROM cases WHERE county = 'city' LIMIT 1)"
        )


@pytest.mark.requirement("004-21")
async def test_each_of_the_21_jurisdictions_has_its_workspace_and_their_counts_add_up_to_the_city(
    client: httpx.AsyncClient,
) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/counties")
        found = workspaces(page)
        assert found[-1] == "city", "the place unknown is a row too"
        assert len(found[:-1]) == 21, "18 counties and districts, two zones, and 邯郸县, which is no more"
        whole = figures(page, "whole")
        assert [sum(column) for column in zip(*(figures(page, code) for code in found), strict=True)] == whole
        (counted,) = await rows("SELECT count(*) AS all, count(*) FILTER (WHERE is_open) AS open FROM cases")
        assert whole[0] == counted["open"]
        assert whole[3] == counted["all"], "all of them were filed this month"
        assert whole[5] == 1, "the enterprise's is counted apart"
        for code in found[:-1]:
            assert city.current().any_jurisdiction(code).name_zh in await house.get(client, f"/counties/{code}")  # type: ignore[union-attr]
    async with house.signed_in(client, "county_office", unit=COUNTY, jurisdiction=COUNTY):
        page = await house.get(client, "/counties")
        assert workspaces(page) == [COUNTY]
        assert f"/cases?county={COUNTY}" in await house.get(client, f"/counties/{COUNTY}")
        await house.get(client, f"/counties/{OTHER}", status=404)
        await house.get(client, "/counties/130421", status=404)
        queue = await house.get(client, "/cases?open=all")
        numbers = {str(row["number"]) for row in await rows("SELECT number FROM cases WHERE county <> $1", COUNTY)}
        assert not [number for number in numbers if number in queue]


async def test_the_sheet_of_all_counties_holds_the_same_figures(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "supervisor", unit="SUP"):
        page = await house.get(client, "/counties")
        sheet = (await client.get("/counties?as=csv")).text.lstrip("\ufeff").splitlines()
    assert sheet[0].startswith("code,name_zh,name_en,open")
    assert [int(one) for one in sheet[-1].split(",")[3:]] == figures(page, "whole")


@pytest.mark.requirement("004-22")
async def test_what_is_filed_on_a_countys_portal_without_a_place_is_that_countys_with_the_city_looking_on(
    client: httpx.AsyncClient,
) -> None:
    assert "/ask?county=130403" in await house.get(client, f"/county/{COUNTY}")
    change = {"kind": {"kind": "complaint", "county": COUNTY}, "about": {"about": "某单位"},
              "where": {"place": "", "county": "unknown"}}  # fmt: skip
    citizen = await citizens.an_account(state="verified")
    async with citizens.signed_in(client, citizen):
        number, _ = await sent(client, change)
    await intake.make_all()
    sql = "SELECT c.kind, c.county, r.portal FROM cases c JOIN request r ON r.case_id = c.id WHERE c.number = $1"
    (case,) = await rows(sql, number)
    assert (case["kind"], case["county"], case["portal"]) == ("complaint", COUNTY, COUNTY)
    for role, jurisdiction in (("county_office", COUNTY), ("agent", "")):
        async with house.signed_in(client, role, unit=jurisdiction or "HOT", jurisdiction=jurisdiction):
            assert number in await house.get(client, "/cases")
    async with house.signed_in(client, "county_office", unit=OTHER, jurisdiction=OTHER):
        await house.get(client, f"/cases/{number}", status=404)
    client.cookies.clear()
    elsewhere = {**change, "where": {"place": "邯山区陵西大街", "county": OTHER}}
    async with citizens.signed_in(client, citizen):
        number, _ = await sent(client, elsewhere)
    await intake.make_all()
    (case,) = await rows(sql, number)
    assert case["county"] == OTHER, "where it happened comes before where it was told (rules.md 9)"


async def test_a_click_on_the_map_chooses_the_county_and_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    where = await answered(client, last="where")
    x, y = outlines.frame(288).pixel(114.53, 36.594)
    typed = {"place": "陵西大街路口", "county": "", "map-s.x": x, "map-s.y": y}
    answer = await house.post(client, where, typed, page=where)
    assert answer.status_code == 200
    assert "点的是邯山区" in answer.text
    assert 'value="陵西大街路口"' in answer.text
    assert re.search(rf'<option value="{OTHER}" selected', answer.text)
    outside = await house.post(client, where, {**typed, "map-s.x": 2, "map-s.y": 2}, page=where)
    assert outside.status_code == 422
    assert "不在邯郸市内" in outside.text
    assert 'value="陵西大街路口"' in outside.text


async def test_a_devices_position_goes_with_the_case_and_only_with_its_county(client: httpx.AsyncClient) -> None:
    where = await answered(client, last="where")
    answer = await house.post(client, where, {"place": "", "locate": "1", "lat": "36.61", "lon": "114.48"}, page=where)
    assert "已定位，在丛台区" in answer.text
    assert 'name="point" value="36.61000,114.48000"' in answer.text
    for county, point in ((COUNTY, 36.61), (OTHER, None)):
        client.cookies.clear()
        change = {"where": {"place": "", "county": county, "point": "36.61000,114.48000"}}
        number, _ = await sent(client, change)
        await intake.make_all()
        (case,) = await rows("SELECT lat FROM cases WHERE number = $1", number)
        assert case["lat"] == point
    client.cookies.clear()
    await answered(client, last="where")
    wrong = await house.post(client, where, {"county": COUNTY, "point": "DROP TABLE"}, page=where)
    assert wrong.status_code == 422
    lost = await house.post(client, where, {"locate": "1", "lat": "x", "lon": ""}, page=where)
    assert lost.status_code == 422


async def test_the_map_is_one_picture_of_all_with_the_chosen_one_filled(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/places/map.svg?w=600&on={COUNTY}")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.count("<path") == 20
    assert answer.text.count('fill="#0B57A4"') == 1
    assert "丛台" in answer.text
    assert "Congtai" in (await client.get("/places/map.svg?w=600&lang=en")).text
    client.cookies.clear()


async def test_a_second_way_and_a_proxy_go_with_the_request_each_in_its_own_field(client: httpx.AsyncClient) -> None:
    reach = {"reach": "web", "second": "sms", "phone": "13800000009", "name": "赵大爷", "proxy": "李代办"}
    number, _ = await sent(client, {"reach": reach})
    await intake.make_all()
    (found,) = await rows("SELECT * FROM request WHERE receipt_no = $1", number)
    assert (found["reply_by"], found["second_by"]) == ("web", "sms")
    assert found["proxy_name"] is not None
    assert found["proxy_name"] != found["name"]
    client.cookies.clear()
    await answered(client, last="reach")
    for wrong, field in (
        ({"reach": "web", "second": "sms", "phone": ""}, "phone"),
        ({"reach": "none", "second": "sms", "phone": "13800000009"}, "second"),
        ({"reach": "none", "proxy": "李代办"}, "proxy"),
        ({"reach": "web", "second": "pigeon"}, "second"),
        ({"reach": "email", "email": "nowhere"}, "email"),
    ):
        answer = await house.post(client, "/ask/reach", wrong, page="/ask/reach")
        assert answer.status_code == 422, wrong
        assert f'id="e-{field}"' in answer.text or f'href="#f-{field}"' in answer.text, (wrong, answer.text)


async def test_assisted_filing_at_the_desk_wants_to_know_who_files(client: httpx.AsyncClient) -> None:
    call = {
        "words": b.WORDS, "channel": "assisted", "name": "赵大爷", "county": COUNTY, "matter": "020201",
        "kind": "assistance", "outcome": "accept", "line": "12345", "urgency": "normal",
        "_once": "018f0000-0000-7000-8000-00000000aaaa",
    }  # fmt: skip
    async with house.signed_in(client, "agent", unit="HOT"):
        answer = await house.post(client, "/desk", call, page="/desk")
        assert answer.status_code == 422
        assert "帮代办请写代填人" in answer.text
        done = await house.post(client, "/desk", {**call, "proxy_name": "村干部老王"}, page="/desk")
        assert done.status_code in {200, 303}, done.text
    (found,) = await rows("SELECT channel, name, proxy_name FROM request WHERE channel = 'assisted'")
    assert found["proxy_name"] is not None
    assert found["name"] is not None
