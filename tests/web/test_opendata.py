"""Open data through HTTP: made by one, published by another, the same bytes again, taken down with a stone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from openpyxl import load_workbook

from hotline import clock, db
from sla import opendata
from tests import builders as b
from tests.web import house
from tests.web.administration import instead, noted
from web.opendata import releases

pytestmark = pytest.mark.anyio
PATH = "/opendata/releases"


@pytest.fixture(scope="module")
async def month(database: object) -> str:
    """A past month with requests of many people, and of those who are never in it."""
    first = releases._last_ready()
    day = clock.on(first + timedelta(days=9), 10)
    for n in range(6):
        await b.a_receipt(phone=f"1390000000{n}", name=f"柳依依{n}", matter="020201")
    for change in (
        {"kind": "report"}, {"is_confidential": True}, {"is_minor": True}, {"is_investigation": True},
        {"is_vulnerable": True},
    ):  # fmt: skip
        for n in range(5):
            await b.a_receipt(phone=f"1370000000{n}", matter="010101", **change)
    await moved(day)
    return f"{first:%Y-%m}"


async def moved(day: datetime) -> None:
    """All requests as if they had come on that day."""
    async with db.atomic() as connection:
        await connection.execute("UPDATE request SET filed_at = $1", day)


async def made(client: httpx.AsyncClient, month: str) -> str:
    """Made by whoever sits at the client: its address."""
    answer = await house.post(client, PATH, {"month": month}, page=PATH)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def published(client: httpx.AsyncClient, path: str) -> None:
    """Published by another."""
    async with instead(client, "publication"):
        assert (await house.post(client, f"{path}/publish", {}, page=path)).status_code == 303


@pytest.mark.requirement("000-16")
async def test_a_months_life_from_frozen_rows_to_the_open_and_down_again(client: httpx.AsyncClient, month: str) -> None:
    name = f"requests-{month}"
    async with house.signed_in(client, "coordination", unit="HOT"):
        path = await made(client, month)
        assert "逐字节相同" in await house.get(client, path)
        assert (await house.post(client, f"{path}/publish", {}, page="/preferences")).status_code == 403
        assert (await house.post(client, PATH, {"month": month}, page=PATH)).status_code == 409
        assert f"/opendata/{month}/" not in await house.get(client, "/opendata")
        assert (await client.get(f"/opendata/{month}/{name}.csv")).status_code == 404
        await published(client, path)
        assert f"/opendata/{month}/{name}.csv" in await house.get(client, "/opendata")
        files = {one: (await client.get(f"/opendata/{month}/{one}")).content
                 for one in (f"{name}.csv", f"{name}.json", f"{name}.xlsx", "datapackage.json")}  # fmt: skip
        await _is_true(files, name)
        assert (await house.post(client, f"{path}/withdraw", {}, page=path)).status_code == 422
        assert (await house.post(client, f"{path}/withdraw", {"reason": "列名有误"}, page=path)).status_code == 303
        assert "列名有误" in await house.get(client, "/opendata")
        assert (await client.get(f"/opendata/{month}/{name}.csv")).status_code == 410
        kinds = [one.kind for one in await noted(f"opendata:{path.rpartition('/')[2]}")]
        assert kinds == ["opendata_withdrawn", "opendata_published", "opendata_made"]


async def _is_true(files: dict[str, bytes], name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode(), newline="")))
    assert len(rows) == 6
    assert {one["matter"] for one in rows} == {"020201"}
    package = json.loads(files["datapackage.json"])
    over = package["hotline:anonymity"]["over"]
    classes = Counter(tuple(one[field] for field in over) for one in rows)
    assert min(classes.values()) >= package["hotline:anonymity"]["k"]
    assert json.loads(files[f"{name}.json"]) == rows
    sheet = load_workbook(io.BytesIO(files[f"{name}.xlsx"])).worksheets[0]
    cells = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert cells == [list(one.values()) for one in rows]
    for one in package["resources"]:
        assert one["hash"] == f"sha256:{hashlib.sha256(files[one['path']]).hexdigest()}"
    fields = {one["name"]: one for one in package["resources"][0]["schema"]["fields"]}
    assert list(fields) == list(rows[0])
    for field in fields.values():
        allowed = field.get("constraints", {}).get("enum")
        assert allowed is None or {one[field["name"]] for one in rows} <= set(allowed)
    await _names_nobody(b"".join(files.values()).decode(errors="ignore") + json.dumps(rows, ensure_ascii=False))


async def _names_nobody(text: str) -> None:
    async with db.reading() as connection:
        held = await connection.fetch("SELECT r.id::text, r.receipt_no, r.words, c.id::text AS case FROM request r "
                                      "JOIN cases c ON c.id = r.case_id")  # fmt: skip
    assert not any(value and value in text for row in held for value in row.values())
    assert not any(one in text for one in ("柳依依", "1390000", "1370000"))


async def test_the_next_version_has_the_same_rows_or_whole_classes_less_and_late_arrivals_stay_out(
    client: httpx.AsyncClient, month: str
) -> None:
    async with house.signed_in(client, "coordination", unit="HOT"):
        late = await b.a_receipt(phone="13900000009", matter="020201")
        async with db.atomic() as connection:
            day = await connection.fetchval("SELECT min(filed_at) FROM request")
            await connection.execute("UPDATE request SET filed_at = $1 WHERE receipt_no = $2", day, late.number)
        path = await made(client, month)
        assert await _rows(path) == (2, 6)
        await published(client, path)
        await house.post(client, f"{path}/withdraw", {"reason": "一件已擦除"}, page=path)
        async with db.atomic() as connection:
            await connection.execute(
                "UPDATE cases SET is_minor = TRUE WHERE id = (SELECT case_id FROM request "
                "WHERE receipt_no <> $1 AND kind = 'assistance' ORDER BY id LIMIT 1)", late.number,
            )  # fmt: skip
        third = await made(client, month)
        assert await _rows(third) == (3, 0)
        async with instead(client, "publication"):
            await house.post(client, f"{third}/refuse", {"reason": "没有行"}, page=third)


async def test_what_became_secret_after_it_was_made_is_not_published(client: httpx.AsyncClient, month: str) -> None:
    first = opendata.first_day(month)
    before = (first - timedelta(days=1)).replace(day=1)
    for n in range(6):
        one = await b.a_receipt(phone=f"1380000000{n}", matter="020201")
        async with db.atomic() as connection:
            day = clock.on(before + timedelta(days=3), 10)
            await connection.execute("UPDATE request SET filed_at = $1 WHERE receipt_no = $2", day, one.number)
    async with house.signed_in(client, "coordination", unit="HOT"):
        path = await made(client, f"{before:%Y-%m}")
        async with db.atomic() as connection:
            await connection.execute("UPDATE cases SET is_confidential = TRUE WHERE number = $1", one.number)
        async with instead(client, "publication"):
            answer = await house.post(client, f"{path}/publish", {}, page=path)
            assert answer.status_code == 409
            assert "重新生成" in answer.text
            assert (await house.post(client, f"{path}/shred", {}, page=path)).status_code == 404
            assert (await house.post(client, f"{path}/refuse", {"reason": "重做"}, page=path)).status_code == 303
        path = await made(client, f"{before:%Y-%m}")
        assert await _rows(path) == (2, 5)


async def _rows(path: str) -> tuple[int, int]:
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT version, report FROM opendata_release WHERE id = $1",
                                        UUID(path.rpartition("/")[2]))  # fmt: skip
    return row["version"], json.loads(row["report"])["rows"]


async def test_a_month_that_is_not_over_or_is_no_month_is_refused_with_its_reason(
    client: httpx.AsyncClient, month: str
) -> None:
    async with house.signed_in(client, "publication", unit="HOT"):
        for given, why in (
            (f"{clock.today():%Y-%m}", "等结果出来"), ("2026-13", "2026-10 这样"),
            ("9999-12", "2026-10 这样"), ("", ""),
        ):  # fmt: skip
            answer = await house.post(client, PATH, {"month": given}, page=PATH)
            assert answer.status_code == 422
            assert why in answer.text
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        assert (await client.get(PATH)).status_code == 403
    assert (await client.get("/opendata/yesterday/x.csv")).status_code == 422
