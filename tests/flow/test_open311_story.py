"""A civic app's report by GeoReport v2 and back, against a live server, read by a public client we did not write."""

from __future__ import annotations

import re

import anyio.to_thread
import georeport
import httpx
import pytest

from hotline import db
from tests.engines import Place
from tests.flow.test_http_loop import until
from tests.flow.test_partner_story import _handled
from tests.partnering import a_partner
from tests.visitor import Visitor

FORM = {
    "service_code": "020202", "lat": "36.6125", "long": "114.4897", "description": "路面有个大坑，电动车摔过两次。",
    "phone": "13800000002", "first_name": "小红", "last_name": "李", "attribute[affects][]": ["traffic", "school"],
}  # fmt: skip
FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address",
    "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip


@pytest.mark.requirement("003-01")
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_the_public_client_reads_services_definitions_and_requests(
    database: Place, live_server: str, form: str
) -> None:
    key = await a_partner(f"civic_{form}", "open311", scopes=["open311"])
    async with httpx.AsyncClient(base_url=live_server, timeout=30) as app:
        found = (await app.get("/open311/discovery.json")).json()["endpoints"][0]["url"]
        assert found == f"{live_server}/open311/v2"
        answer = await app.post(f"{found}/requests.json", data={**FORM, "api_key": key, "device_id": form,
                                                                "description": FORM["description"] + form})  # fmt: skip
        assert answer.status_code == 201, answer.text
    number = answer.json()[0]["service_request_id"]
    code = re.search(r"\d{6}(?!\S*\d)", answer.json()[0]["service_notice"].partition("查询码")[2])
    assert code

    client = georeport.GeoReport(found, output_format=form)
    services = await anyio.to_thread.run_sync(client.get_service_list)
    assert len(services) > 150
    hole = next(one for one in services if one["service_code"] == "020202")
    assert (hole["service_name"], str(hole["metadata"]).lower()) == ("道路破损坑洼", "true")
    definition = await anyio.to_thread.run_sync(client.get_service_definition, "020202")
    assert definition["service_code"] == "020202"

    async def listed() -> bool:
        async with httpx.AsyncClient(base_url=live_server, timeout=30) as app:
            return (await app.get(f"/open311/v2/requests/{number}.json")).status_code == 200

    await until(listed)
    await _handled(live_server, number)
    ours = georeport.GeoReport(found, jurisdiction="130403", output_format=form)
    many = await anyio.to_thread.run_sync(lambda: ours.get_service_requests(service_code="020202", status="closed"))
    many = [many] if isinstance(many, dict) else many
    one = await anyio.to_thread.run_sync(client.get_service_request, number)
    assert number in {line["service_request_id"] for line in many}
    assert set(one) == FIELDS
    assert (one["status"], one["status_notes"], one["agency_responsible"]) == ("closed", "已办结", "丛台区人民政府")
    assert not any(word in str([one, many]) for word in ("大坑", "李小红", "13800000002", "更换灯头"))
    await _rated(live_server, number, code[0])


async def _rated(address: str, number: str, code: str) -> None:
    """With number and query code of the service notice whoever reported it looks it up and rates it."""
    citizen = Visitor(address)
    await citizen.open("/track")
    await citizen.submit("/track", number=number, code=code)
    assert "路灯已修好并试亮" in citizen.text
    await citizen.submit("/rating", grade="satisfied")
    await citizen.client.aclose()
    grade = await db.pool().fetchval("SELECT final_grade FROM request WHERE receipt_no = $1", number)
    assert grade == "satisfied"
