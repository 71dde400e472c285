"""Requests for data, through HTTP: three dates by the official calendar, a refusal's reason, a file that goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from hotline import clock, db, files, worker
from tests.web import house

pytestmark = pytest.mark.anyio

FRIDAY = datetime(2026, 2, 13, 10, tzinfo=clock.CITY_ZONE)
"""Before the Spring Festival: Saturday the 14th is made up, 15 to 23 February are off."""
ASKED = {
    "purpose": "分析供暖期诉求的分布，安排抢修力量", "legal_basis": "政务数据共享条例第十条",
    "fields": "受理日期\n区县\n事项", "period_from": "2025-11-15", "period_to": "2026-02-10",
    "recipient": "供热科", "retention": "半年后删除",
}  # fmt: skip


async def asked(client: httpx.AsyncClient, at: datetime = FRIDAY, **change: Any) -> str:
    """A request of 丛台区's head; the address of its page."""
    with clock.at(at):
        async with house.signed_in(client, "unit_head", unit="130403"):
            answer = await house.post(client, "/data-requests", {**ASKED, **change}, page="/data-requests/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def decide(
    client: httpx.AsyncClient, place: str, act: str, data: dict[str, Any], at: datetime, **given: Any
) -> httpx.Response:
    """The coordination office acts at a moment."""
    with clock.at(at):
        async with house.signed_in(client, "coordination"):
            return await house.post(client, f"{place}/{act}", data, page=place, **given)


async def told(kind: str) -> list[str]:
    """The roles that were reminded so."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT key FROM staff_notice WHERE kind = $1", kind)
    return sorted({row["key"].split(":")[2] for row in rows})


@pytest.mark.requirement("003-07")
async def test_a_request_of_the_friday_before_a_holiday_keeps_its_dates_and_a_late_review_raises_an_alert(
    client: httpx.AsyncClient,
) -> None:
    place = await asked(client)
    with clock.at(FRIDAY):
        await house.a_person("supervisor", unit="SUP")  # whose office is held on these days
        async with house.signed_in(client, "unit_liaison", unit="130403"):
            page = await house.get(client, place)
    assert "数据申请受理" in page
    assert "02-25 18:00" in page  # ① Saturday 14, made up ② 24 ③ 25
    assert "跳过 2月15–23日（春节）" in page
    answer = await decide(client, place, "advance", {"state": "asked"}, FRIDAY.replace(day=24))
    assert answer.status_code == 303
    again = await decide(client, place, "advance", {"state": "asked"}, FRIDAY.replace(day=24))
    assert again.status_code == 409
    with clock.at(FRIDAY.replace(day=27)):  # three quarters of the working time are over at 09:15
        assert await worker.sweep_data_requests({}) == 1
    assert await told("data_soon") == ["coordination"]
    late = datetime(2026, 2, 27, 18, 1, tzinfo=clock.CITY_ZONE)  # ① 25 ② 26 ③ 27
    with clock.at(late):
        assert await worker.sweep_data_requests({}) == 1
        assert await worker.sweep_data_requests({}) == 0
        async with house.signed_in(client, "supervisor", unit="SUP"):
            page = await house.get(client, "/data-requests?band=late")
            assert place in page
            assert "▲" in await house.get(client, place)
    assert await told("data_late") == ["coordination", "supervisor"]
    async with db.reading() as connection:
        stage = await connection.fetchval("SELECT id FROM data_request_stage WHERE breached_at IS NOT NULL")
    said = {"answer": "核对依据用了三天，今天办完。"}
    assert (await decide(client, place, f"stages/{stage}", said, late)).status_code == 303
    assert (await decide(client, place, f"stages/{stage}", said, late)).status_code == 409
    assert (await decide(client, place, "advance", {"state": "accepted"}, late)).status_code == 303
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT outcome FROM data_request_stage ORDER BY started_at")
    assert [row["outcome"] for row in rows] == ["met", "late", None]


async def test_the_same_form_sent_twice_is_one_request_and_takes_one_number(client: httpx.AsyncClient) -> None:
    once = {"_once": "0" * 31 + "1"}
    assert await asked(client, **once) == await asked(client, **once)
    async with db.reading() as connection:
        last = await connection.fetchval("SELECT last FROM serial_counter WHERE name = 'data_request'")
        assert last == await connection.fetchval("SELECT count(*) FROM data_request")


async def test_a_refusal_gives_its_reason_and_nobody_decides_on_their_own(client: httpx.AsyncClient) -> None:
    place = await asked(client)
    empty = await decide(client, place, "refuse", {"reason": " "}, FRIDAY)
    assert empty.status_code == 422
    assert "不提供要写明理由" in empty.text
    refused = await decide(client, place, "refuse", {"reason": "要的数据项能认出人，请改为按月汇总。"}, FRIDAY)
    assert refused.status_code == 303
    with clock.at(FRIDAY):
        async with house.signed_in(client, "unit_head", unit="130403"):
            assert "请改为按月汇总" in await house.get(client, place)
            late = await house.post(client, f"{place}/withdraw", page=place)
            assert late.status_code == 409
        async with house.signed_in(client, "unit_head", unit="CGB"):
            await house.get(client, place, status=404)
            assert place not in await house.get(client, "/data-requests?band=ended")
            wrong = await house.post(client, "/data-requests", {**ASKED, "period_to": "2020-01-01"})
            assert wrong.status_code == 422
        async with house.signed_in(client, "unit_handler", unit="CGB"):
            await house.get(client, "/data-requests", status=403)
        async with house.signed_in(client, "coordination"):
            answer = await house.post(client, "/data-requests", ASKED, page="/data-requests/new")
            own = answer.headers["location"]
            assert "要由别人来办" in await house.get(client, own)
            answer = await house.post(client, f"{own}/advance", {"state": "asked"}, page="/data-requests")
            assert answer.status_code == 409
            assert (await house.post(client, f"{own}/withdraw", page=own)).status_code == 303
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT outcome FROM data_request_stage s JOIN data_request r "
                                      "ON r.id = s.request_id WHERE r.state = 'withdrawn'")  # fmt: skip
    assert [row["outcome"] for row in rows] == ["void"]


@pytest.mark.requirement("003-07")
async def test_what_is_supplied_tells_no_number_is_logged_when_fetched_and_goes(client: httpx.AsyncClient) -> None:
    place, later = await asked(client), FRIDAY + timedelta(days=1)
    for state in ("asked", "accepted"):
        assert (await decide(client, place, "supply", {"note": "当面交接"}, later)).status_code == 409
        await decide(client, place, "advance", {"state": state}, later)

    async def supply(data: dict[str, Any], name: str, content: bytes) -> httpx.Response:
        return await decide(client, place, "supply", data, later, files={"file": (name, content)})

    sure = {"is_deidentified": "yes"}
    for data, name, content, says in (
        ({}, "a.csv", b"day,n\n", "勾选确认"),
        (sure, "a.csv", "日期,电话\n02-10,13800000001\n".encode(), "第 2 行有电话号码"),
        (sure, "a.csv", b"\xff\xfe\x00", "UTF-8"), (sure, "a.csv", b"\n", "空的"),
        (sure, "a.exe", b"MZ\x00", "不是可以上传的类型"),
        (sure, "", b"", "附上文件"),
    ):  # fmt: skip
        answer = await supply(data, name, content)
        assert answer.status_code == 422, says
        assert says in answer.text
    assert (await supply(sure, "供暖.csv", "日期,区县,件数\n02-10,丛台区,31\n".encode())).status_code == 303
    with clock.at(later):
        async with house.signed_in(client, "unit_liaison", unit="130403"):
            assert "供暖.csv" in await house.get(client, place)
            fetched = await client.get(f"{place}/file")
            assert fetched.content.decode() == "日期,区县,件数\n02-10,丛台区,31\n"
            assert "已下载 1 次" in await house.get(client, place)
        async with house.signed_in(client, "unit_liaison", unit="CGB"):
            assert (await client.get(f"{place}/file")).status_code == 404
    async with db.reading() as connection:
        noted = await connection.fetch("SELECT kind FROM act WHERE subject LIKE 'data_request:%'")
        kept = await connection.fetchval("SELECT file_id FROM data_request WHERE file_id IS NOT NULL")
    assert [row["kind"] for row in noted].count("data_request_downloaded") == 1
    assert files.path_of(kept).is_file()
    with clock.at(later + timedelta(days=31)):
        await worker.sweep_data_requests({})
        async with house.signed_in(client, "unit_liaison", unit="130403"):
            assert "已到期删除" in await house.get(client, place)
            assert (await client.get(f"{place}/file")).status_code == 410
    assert not files.path_of(kept).is_file()
