"""A county's own centre where its house is complained about: it learns the allegation, and decides nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cases import verbs, verbs_care
from hotline import db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
COUNTY = "130403"
SAID = "区信访办的何大勇把我推出门，我叫宋玉兰，再不管我就从楼上跳下去，扬言炸了它。"
SECRETS = ("宋玉兰", "何大勇", "推出门", "扬言", "13912340002", "139****0002", "内部核查", "看风险", "敏感")


async def complaint(**more: Any) -> str:
    receipt = await b.a_receipt(
        kind="complaint", words=SAID, about_unit=COUNTY, about_person="何大勇", name="宋玉兰", phone="13912340002",
        county=COUNTY, matter="", **more,
    )  # fmt: skip
    return receipt.number


async def post(client: httpx.AsyncClient, case: str, slug: str, /, **given: object) -> httpx.Response:
    return await house.post(client, f"/cases/{case}/{slug}", given, page=f"/cases/{case}")


async def test_the_countys_centre_reads_nothing_of_a_complaint_about_its_house_and_decides_nothing(
    client: httpx.AsyncClient,
) -> None:
    number = await complaint()
    await b.act("dispatcher", number, verbs_care.summarise, summary="反映窗口接待态度。")
    async with db.reading() as connection:
        request = str(await connection.fetchval("SELECT id FROM request WHERE receipt_no = $1", number))
    async with house.signed_in(client, "county_office", unit=COUNTY, jurisdiction=COUNTY):
        for path in (
            f"/cases/{number}", f"/cases/{number}?lines=messages", f"/cases/{number}/print", "/cases",
            f"/dispatch?tab=accept&case={number}", "/dispatch?tab=accept", f"/cases?q={number}", "/board",
        ):  # fmt: skip
            page = await house.get(client, path)
            assert not [secret for secret in SECRETS if secret in page], path
        assert "反映窗口接待态度" in await house.get(client, f"/cases/{number}")
        assert "市中心受理" in await house.get(client, f"/dispatch?tab=accept&case={number}")
        assert number not in await house.get(client, "/cases?line=12345")
        for slug, given in (
            ("acceptance", {"matter": "020201", "county": COUNTY}),
            ("decline", {"reason": "statutory_channel", "channel": "信访", "reply": "不予受理。"}),
            ("complained-about", {"request": request, "unit": "CGB", "person": ""}),
            ("summary", {"summary": "无事。"}),
        ):
            answer = await post(client, number, slug, **given)
            assert answer.status_code in (403, 409), (slug, answer.status_code)
    async with db.reading() as connection:
        row = await connection.fetchrow("SELECT state, about_units FROM cases WHERE number = $1", number)
    assert (row["state"], list(row["about_units"])) == ("registered", [COUNTY])


async def test_what_other_units_wrote_of_a_complaint_is_not_the_accuseds_to_read_and_a_reply_names_nobody(
    client: httpx.AsyncClient,
) -> None:
    receipt = await b.a_receipt(
        kind="complaint", words="环保局不管排烟。", about_unit="EEB", name="宋玉兰", phone="13912340002", matter="",
    )  # fmt: skip
    number = receipt.number
    await b.act("dispatcher", number, verbs.accept, matter="020201", county=COUNTY, summary="反映处理不力。")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        helped = await post(client, number, "co-handlers", unit="EEB", reason="请说明情况")
        assert helped.status_code == 303, helped.text[:2000]
    async with house.signed_in(client, "unit_handler", unit=COUNTY, jurisdiction=COUNTY):
        back = await post(client, number, "return", ground="function", basis="宋玉兰说是市局的事，内部核查过。",
                          unit="SUP", suggested="SUP")  # fmt: skip
        assert back.status_code == 303, back.text[:3000]
        assert "内部核查" in await house.get(client, f"/cases/{number}")
    async with house.signed_in(client, "unit_handler", unit="EEB"):
        for path in (f"/cases/{number}", f"/cases/{number}/print", f"/work?case={number}"):
            page = await house.get(client, path)
            assert "内部核查" not in page, path
            assert "宋玉兰" not in page, path
        page = await house.get(client, f"/cases/{number}")
        assert "请说明情况" in page  # what was written to it
        assert "反映处理不力" in page
