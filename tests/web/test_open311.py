"""Open311 GeoReport v2: every method in XML and JSON, the specification's errors, and what is never shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from cases import verbs
from channels import intake
from hotline import clock, db
from tests import builders
from tests.engines import Place
from tests.partnering import a_partner

pytestmark = pytest.mark.anyio
HERE = "/open311/v2"
FORM: dict[str, Any] = {
    "service_code": "020201", "lat": "36.6125", "long": "114.4897", "description": "路灯三天不亮，晚上看不清。",
}  # fmt: skip
PRIVATE = ("王小明", "13800000001", "路灯三天不亮", "和平路与陵西大街", "更换灯头")


@pytest.fixture(scope="module")
async def key(database: Place) -> str:
    """A key that may file."""
    return await a_partner("civic_app", "open311", scopes=["open311"])


async def posted(client: httpx.AsyncClient, key: str, suffix: str = "json", **change: Any) -> httpx.Response:
    """A form sent as a client of the specification sends it."""
    given = {**FORM, "api_key": key, **change}
    return await client.post(f"{HERE}/requests.{suffix}", data={k: v for k, v in given.items() if v is not None})


async def filed(client: httpx.AsyncClient, key: str, **change: Any) -> str:
    """A new request made into a case; its number."""
    answer = await posted(client, key, **change)
    assert answer.status_code == 201, answer.text
    await intake.make_all()
    number: str = answer.json()[0]["service_request_id"]
    return number


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[str, dict[str, Any]]:
    """The public list by number."""
    answer = await client.get(f"{HERE}/requests.json", params=query)
    assert answer.status_code == 200, answer.text
    return {one["service_request_id"]: one for one in answer.json()}


@pytest.mark.parametrize("path", ["/open311/discovery", "/open311/v2/discovery"])
async def test_discovery_says_where_and_in_which_forms(client: httpx.AsyncClient, path: str) -> None:
    told = (await client.get(f"{path}.json")).json()
    assert told["endpoints"][0]["url"] == "http://testserver/open311/v2"
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    root = fromstring((await client.get(f"{path}.xml")).content)
    assert root.tag == "discovery"
    assert root.findtext("endpoints/endpoint/url") == "http://testserver/open311/v2"
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


async def test_services_are_the_catalogues_leaves_with_codes_as_text(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{HERE}/services.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    light = next(one for one in answer.json() if one["service_code"] == "020201")
    assert (light["service_name"], light["group"]) == ("路灯不亮", "城市管理")
    assert (light["type"], light["metadata"]) == ("realtime", True)
    xml = await client.get(f"{HERE}/services.xml")
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    root = fromstring(xml.content)
    assert (root.tag, len(root)) == ("services", len(answer.json()))
    assert {child.tag for child in root[0]} == set(light)
    assert root[0].findtext("metadata") == "true"
    english = await client.get(f"{HERE}/services.json", headers={"accept-language": "en-GB"})
    assert next(one for one in english.json() if one["service_code"] == "020201")["service_name"].isascii()


async def test_a_definition_lists_its_questions(client: httpx.AsyncClient) -> None:
    told = (await client.get(f"{HERE}/services/020201.json")).json()
    assert told["service_code"] == "020201"
    kinds = {one["datatype"] for one in told["attributes"]}
    assert kinds == {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
    root = fromstring((await client.get(f"{HERE}/services/020201.xml")).content)
    assert root.tag == "service_definition"
    assert root.findtext("attributes/attribute/values/value/key") == "assistance"


@pytest.mark.requirement("003-01")
async def test_a_form_is_a_case_with_its_point_as_a_county_and_every_copy_the_same_one(
    client: httpx.AsyncClient, key: str
) -> None:
    answer = await posted(client, key, phone="13800000001", email="wang@example.cn", first_name="小明", last_name="王")
    assert answer.status_code == 201
    told = answer.json()[0]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", told["service_request_id"])
    assert re.search(r"查询码 \d{6}", told["service_notice"])
    again = await posted(client, key, phone="13800000001", email="wang@example.cn", first_name="小明", last_name="王",
                         device_id="another phone")  # fmt: skip
    assert (again.status_code, again.json()[0]["service_request_id"]) == (200, told["service_request_id"])
    await intake.make_all()
    row = await db.pool().fetchrow(
        "SELECT c.channel, c.county, c.state, r.reply_by, r.second_by, r.origin_system, r.words FROM cases c "
        "JOIN request r ON r.case_id = c.id WHERE c.number = $1", told["service_request_id"],
    )  # fmt: skip
    assert tuple(row)[:6] == ("open311", "130403", "active", "sms", "email", "civic_app")
    assert row["words"] == FORM["description"]


async def test_the_same_form_a_day_later_is_another_request(client: httpx.AsyncClient, key: str) -> None:
    first = await posted(client, key, description="同样的话")
    with clock.at(clock.now() + timedelta(hours=25)):
        later = await posted(client, key, description="同样的话")
    with clock.at(clock.now() + timedelta(hours=20)):
        sooner = await posted(client, key, description="同样的话")
    assert (first.status_code, later.status_code, sooner.status_code) == (201, 201, 200)


async def test_answers_to_the_definition_and_a_picture_stand_with_the_words(
    client: httpx.AsyncClient, key: str
) -> None:
    number = await filed(
        client, key, description="灯杆歪了",
        **{"attribute[kind]": "suggestion", "attribute[times]": "2", "attribute[affects][]": ["school", "traffic"],
           "attribute[since]": "2026-11-20T08:00:00+08:00", "media_url": "https://example.cn/a.jpg"},
    )  # fmt: skip
    row = await db.pool().fetchrow("SELECT words, kind FROM request WHERE receipt_no = $1", number)
    assert row["kind"] == "suggestion"
    for part in ("灯杆歪了", "第几次反映：2", "影响了谁：学校、车辆", "图片链接：https://example.cn/a.jpg"):
        assert part in row["words"]


async def test_an_address_in_words_is_enough(client: httpx.AsyncClient, key: str) -> None:
    number = await filed(client, key, lat=None, long=None, address_string="武安市康二城镇", description="井盖没了")
    assert await db.pool().fetchval("SELECT county FROM cases WHERE number = $1", number) == "130481"
    number = await filed(client, key, lat=None, long=None, address_string="某处", jurisdiction_id="130426")
    assert await db.pool().fetchval("SELECT county FROM cases WHERE number = $1", number) == "130426"


async def test_a_subdistricts_code_as_the_list_gives_it_is_a_place(client: httpx.AsyncClient, key: str) -> None:
    nowhere: dict[str, Any] = {"lat": None, "long": None}
    number = await filed(client, key, **nowhere, address_id="130403001", description="井盖响")
    row = await db.pool().fetchrow("SELECT county, township FROM cases WHERE number = $1", number)
    assert tuple(row) == ("130403", "130403001")
    for change in ({"address_id": "7"}, {"address_id": "130403001", "jurisdiction_id": "130426"}):
        answer = await posted(client, key, **nowhere, **change)
        assert answer.status_code == 400, answer.text
        assert answer.json()[0]["description"].startswith("address_id: ")
    assert (await posted(client, key, address_id="another register's", description="有点")).status_code == 201


async def test_a_token_leads_to_its_request(client: httpx.AsyncClient, key: str) -> None:
    number = (await posted(client, key, description="令牌")).json()[0]["service_request_id"]
    told = await client.get(f"{HERE}/tokens/{number}.json")
    assert told.json() == [{"service_request_id": number, "token": number}]
    root = fromstring((await client.get(f"{HERE}/tokens/{number}.xml")).content)
    assert root.findtext("request/service_request_id") == number
    other = await builders.a_receipt()
    for token in ("261101-99999", "nonsense", other.number, str(other.message)):
        assert (await client.get(f"{HERE}/tokens/{token}.json")).status_code == 404


async def test_the_public_list_tells_matter_subdistrict_state_and_dates_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    receipt = await builders.a_case("callback", place="丛台区人民路街道和平路与陵西大街", county="130403")
    line = (await listed(client))[receipt.number]
    assert line["status"] == "open"
    assert (line["service_code"], line["service_name"]) == ("020201", "路灯不亮")
    assert line["description"].startswith("路灯不亮 · 丛台区")
    assert line["agency_responsible"]
    assert line["status_notes"] == "已答复"
    for name in ("requested_datetime", "updated_datetime"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", line[name])
    assert (line["lat"], line["long"], line["media_url"]) == (None, None, None)
    texts = [(await client.get(f"{HERE}/requests/{receipt.number}.{kind}")).text for kind in ("json", "xml")]
    for text in (str(line), *texts):
        assert not [secret for secret in PRIVATE if secret in text]
    await builders.act("callback", receipt.number, verbs.visit, builders.request, was_contacted=True, is_solved=True)
    await builders.act("callback", receipt.number, verbs.close)
    assert (await listed(client, status="closed"))[receipt.number]["status"] == "closed"
    assert receipt.number not in await listed(client, status="open")


async def test_a_dispatched_request_says_until_when_and_extensions_say_more(client: httpx.AsyncClient) -> None:
    receipt = await builders.a_case("dispatched")
    line = (await listed(client, service_request_id=receipt.number, extensions="true"))[receipt.number]
    assert line["expected_datetime"] > line["requested_datetime"]
    assert line["extended_attributes"]["state"] == "in_progress"
    assert line["extended_attributes"]["is_late"] is False
    assert "extended_attributes" not in (await listed(client))[receipt.number]
    xml = await client.get(f"{HERE}/requests/{receipt.number}.xml", params={"extensions": "true"})
    assert fromstring(xml.content).findtext("request/extended_attributes/jurisdiction_id") == "130403"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "report"}, {"kind": "complaint"}, {"kind": "enquiry"}, {"is_confidential": True}, {"is_minor": True},
        {"is_investigation": True}, {"is_vulnerable": True}, {"about_unit": "CGB"}, {"about_person": "某主任"},
        {"matter": "070101"}, {"matter": "010104"}, {"matter": ""},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_not_for_everybody_is_not_there(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    receipt = await builders.a_receipt(**{"matter": "020201", **change})
    state = await db.pool().fetchval("SELECT state FROM cases WHERE number = $1", receipt.number)
    if state == "registered":
        await builders.act("dispatcher", receipt.number, verbs.accept, county="130403", summary="转述",
                           matter=change.get("matter") or "020201")  # fmt: skip
    is_shown = change == {"matter": ""}  # taken up by a person: now its matter is known
    assert (receipt.number in await listed(client)) is is_shown
    answer = await client.get(f"{HERE}/requests/{receipt.number}.json")
    assert answer.status_code == (200 if is_shown else 404)
    assert (receipt.number in await listed(client, service_request_id=receipt.number)) is is_shown


async def test_the_withdrawn_the_erased_and_the_untaken_are_not_there(client: httpx.AsyncClient) -> None:
    untaken = await builders.a_receipt(matter="")
    closed = await builders.a_case("closed")
    assert closed.number in await listed(client)
    await builders.act("admin", closed.number, verbs.erase, rule="保管期满")
    withdrawn = await builders.a_receipt(matter="")
    await builders.act("agent", withdrawn.number, verbs.withdraw, builders.request)
    shown = await listed(client)
    assert not {untaken.number, closed.number, withdrawn.number} & set(shown)


async def test_filters_dates_and_pages(client: httpx.AsyncClient) -> None:
    light, hole = await builders.a_case("dispatched"), await builders.a_case("dispatched", matter="020202")
    far = await builders.a_case("dispatched", county="130481", place="武安市")
    assert set(await listed(client, service_code="020202")) >= {hole.number}
    assert light.number not in await listed(client, service_code="020202")
    both = await listed(client, service_code="020202,020201", jurisdiction_id="130481")
    assert far.number in both
    assert light.number not in both
    now = clock.now()
    old = {"start_date": (now - timedelta(days=80)).isoformat(), "end_date": (now - timedelta(days=60)).isoformat()}
    assert light.number not in await listed(client, **old)
    assert light.number in await listed(client, **old, service_request_id=light.number)  # overrides the dates
    assert light.number in await listed(client, start_date=(now - timedelta(days=1)).isoformat())
    first = await listed(client, page_size=1)
    second = await listed(client, page_size=1, page=2)
    assert [*first, *second] == [*await listed(client)][:2]
    answer = await client.get(f"{HERE}/requests.json", params={"page_size": 1})
    following = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["link"])
    assert following
    assert [one["service_request_id"] for one in (await client.get(following[1])).json()] == [*second]


async def test_a_page_costs_what_its_span_holds(client: httpx.AsyncClient, database: Place) -> None:
    async with database.as_owner() as owner:
        await owner.execute("SET enable_seqscan = off")
        from cases import published

        span = "c.opened_at >= $2 AND c.opened_at < $3 ORDER BY c.opened_at DESC, c.id DESC LIMIT 1000"
        text = f"EXPLAIN {published._SELECT} AND {span}"
        plan = "\n".join(r[0] for r in await owner.fetch(text, ["020201"], clock.now(), clock.now()))
    assert "cases_published_" in plan, plan


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("services.json?jurisdiction_id=999999", 404), ("services/999999.json", 404), ("services/abc.xml", 404),
        ("requests/261101-00001.json", 404), ("tokens/x.xml", 404), ("nothing.json", 404), ("services.pdf", 404),
        ("requests.json?status=lost", 400), ("requests.json?service_code=999999", 404),
        ("requests.json?start_date=yesterday", 400), ("requests.json?start_date=2026-11-01T00:00:00", 400),
        ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400),
        ("requests.json?page=0", 400), ("requests.json?page_size=5000", 400), ("requests.xml?page=200", 400),
        ("requests.json?before=rubbish", 400), ("requests.json?start_date=9999-12-31T23:59:59Z", 400),
        ("requests.json?service_request_id=" + ",".join(["1"] * 300), 400),
    ],
)  # fmt: skip
async def test_errors_are_as_the_specification_has_them(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(f"{HERE}/{path}")
    assert answer.status_code == status, answer.text
    if ".xml" in path or ".pdf" in path:
        root = fromstring(answer.content)
        assert (root.tag, root.findtext("error/code")) == ("errors", str(status))
        assert root.findtext("error/description")
    else:
        assert {one["code"] for one in answer.json()} == {str(status)}
        assert all(one["description"] for one in answer.json())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403), ({"api_key": "hl_00000000_" + "x" * 32}, 403),
        ({"service_code": "999999"}, 400), ({"service_code": ""}, 400), ({"jurisdiction_id": "999999"}, 404),
        ({"lat": "36.6"} | {"long": ""}, 400), ({"lat": "north"}, 400), ({"lat": "nan"}, 400), ({"lat": "1e999"}, 400),
        ({"lat": "22.5", "long": "114.0"}, 400), ({"lat": "", "long": ""}, 400),
        ({"lat": "", "long": "", "address_id": "7"}, 400), ({"description": "长" * 4001}, 400),
        ({"description": ["一", "二"]}, 400), ({"email": "nobody"}, 400), ({"phone": "12"}, 400),
        ({"media_url": "file:///etc/passwd"}, 400), ({"attribute[nothing]": "x"}, 400),
        ({"attribute[kind]": "report"}, 400), ({"attribute[kind]": ["enquiry", "complaint"]}, 400),
        ({"attribute[times]": "many"}, 400), ({"attribute[since]": "today"}, 400),
        ({"attribute[affects][]": ["school", "nobody"]}, 400),
    ],
    ids=str,
)  # fmt: skip
async def test_a_form_that_cannot_be_taken_is_refused_with_the_parameter(
    client: httpx.AsyncClient, key: str, change: dict[str, Any], status: int
) -> None:
    answer = await posted(client, key, **change)
    assert answer.status_code == status, answer.text
    assert {one["code"] for one in answer.json()} == {str(status)}


async def test_null_and_empty_are_not_sent(client: httpx.AsyncClient, key: str) -> None:
    nothing = {"email": "null", "phone": "", "media_url": "null", "address_string": "", "jurisdiction_id": ""}
    answer = await posted(client, key, "xml", **nothing)
    assert answer.status_code in {200, 201}
    assert fromstring(answer.content).findtext("request/service_request_id")


async def test_a_key_without_the_scope_may_not_file(client: httpx.AsyncClient) -> None:
    token = await a_partner("no_open311", "province", scopes=["file", "read"])
    assert (await posted(client, token)).status_code == 403


async def test_the_key_may_come_in_the_address(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(f"{HERE}/requests.json", params={"api_key": key}, data={**FORM, "description": "地址里"})
    assert answer.status_code == 201


async def test_big_strange_and_broken_bodies_are_refused_plainly(client: httpx.AsyncClient, key: str) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    form = {"content-type": "application/x-www-form-urlencoded"}
    for content, headers, status in (
        (b"x=" + b"y" * 10_000_000, form, 413),
        (bomb, {"content-type": "text/xml"}, 403),
        (b'{"service_code": "020201"}', {"content-type": "application/json"}, 403),
        (b"--x\r\nbroken", {"content-type": "multipart/form-data; boundary=x"}, 400),
        (b"--x\r\nbroken", {"content-type": "multipart/form-data"}, 400),
        ("&".join(f"a{n}=1" for n in range(600)).encode(), form, 400),
    ):
        answer = await client.post(f"{HERE}/requests.json", content=content, headers=headers)
        assert (answer.status_code, answer.json()[0]["code"]) == (status, str(status)), (content[:40], answer.text)
    body = f"api_key={key}&service_code=020201&lat=36.6125&long=114.4897&description=%ff%fe路燈💡%00".encode()
    answer = await client.post(f"{HERE}/requests.json", content=body, headers=form)
    assert answer.status_code == 201, answer.text


async def test_only_requests_take_a_post(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{HERE}/services.json")).status_code == 405
    assert (await client.put(f"{HERE}/requests.json")).status_code == 405
