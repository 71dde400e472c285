"""Several units on one case through HTTP: lead and two co-handlers, a binding conference, a joint visit with a photo."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from cases import verbs
from hotline import clock, db
from tests import builders as b
from tests.web import house

pytestmark = pytest.mark.anyio
RESULT = {
    "result": "resolved", "is_substantiated": "yes", "has_contacted": "yes", "is_solved": "yes", "is_beyond_remit": "no"
}  # fmt: skip


async def _post(client: httpx.AsyncClient, path: str, page: str, **data: Any) -> None:
    """Post and go on: anything but a redirect shows what the page said."""
    answer = await house.post(client, path, data, page=page)
    said = re.findall(r'class="(?:error|conflict|errors)".*?</(?:p|div)>', answer.text, re.DOTALL)
    assert answer.status_code == 303, (path, answer.status_code, said)


async def _dues(number: str) -> dict[str, datetime]:
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT k.unit, k.due_at FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE c.number = $1 AND k.stage = 'finish' AND k.stopped_at IS NULL",
            number,
        )
    return {row["unit"]: row["due_at"] for row in rows}


async def _handle(client: httpx.AsyncClient, number: str, unit: str, note: str, reply: str) -> httpx.Response:
    here = f"/cases/{number}"
    async with house.signed_in(client, "unit_handler", unit=unit):
        if unit != "CGB":
            await _post(client, f"{here}/sign-off", here)
        return await house.post(client, f"{here}/result", {**RESULT, "note": note, "reply": reply}, page=here)


@pytest.mark.requirement("000-12")
async def test_a_lead_and_two_co_handlers_work_side_by_side_and_the_lead_ends_last(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("dispatched")).number
    here = f"/cases/{number}"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        lead = next(iter((await b.act("dispatcher", number, _nothing)).assignments))
        await _post(client, f"{here}/recall", here, assignment=str(lead), reason="路灯归城管", unit="CGB")
        for unit in ("TRP", "PWR"):
            await _post(client, f"{here}/co-handlers", here, unit=unit, reason="配合")
        page = await house.get(client, here)
        assert "并行办理" in page
        assert page.count('class="lane"') == 3
    dues = await _dues(number)
    assert max(dues["TRP"], dues["PWR"]) < dues["CGB"]
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        await _post(client, f"{here}/sign-off", here)
    early = await _handle(client, number, "CGB", "灯具已换", "路灯已修好。")
    assert early.status_code == 409
    assert "协办单位还没办完" in early.text
    assert (await _handle(client, number, "TRP", "已围挡，交警二中队到场", "已疏导交通。")).status_code == 303
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        assert "已围挡，交警二中队到场" in await house.get(client, f"{here}?act=result")
    async with house.signed_in(client, "unit_handler", unit="PWR"):
        assert "已围挡" not in await house.get(client, here)
    assert (await _handle(client, number, "PWR", "线路绝缘正常", "线路已查。")).status_code == 303
    assert (await _handle(client, number, "CGB", "灯具已换，三家到场", "路灯已修好并试亮。")).status_code == 303


async def _nothing(*_: object) -> None:
    """Look at the case."""


@pytest.mark.requirement("002-05")
async def test_a_disputed_case_ends_in_a_binding_decision_and_cannot_be_returned(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("dispatched")).number
    here = f"/cases/{number}"
    async with house.signed_in(client, "unit_handler", unit="130403"):
        await _post(client, f"{here}/return", here, ground="overlap", basis="三定规定第 4 条", suggested="CGB")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        await _post(client, f"{here}/conference", here, cause="overlap", reason="路灯归谁管")
        assert "会商中" in await house.get(client, here)
    async with house.signed_in(client, "coordination", unit="GOV", name="冯军"):
        assert number in await house.get(client, "/conferences")
        soon = f"{clock.local(clock.now() + timedelta(minutes=2)):%Y-%m-%dT%H:%M}"
        made = await house.post(
            client, "/conferences/new", {"starts": soon, "place": "三楼", "chair": "冯军", "case": number},
            page="/conferences/new",
        )  # fmt: skip
        meeting = made.headers["location"]
        page = await house.get(client, meeting)
        item = re.search(r"/items/([0-9a-f-]{36})", page)
        assert item
        entry = f"{meeting}/items/{item[1]}"
    async with house.signed_in(client, "unit_handler", unit="CGB"):
        await _post(client, f"{entry}/position", meeting, words="设施未移交，联系人李四 13900001234。")
        seen = await house.get(client, meeting)
        assert "王" not in re.sub(r"<p class=\"watermark.*?</p>|<header.*?</header>", "", seen, flags=re.DOTALL)
    async with house.signed_in(client, "unit_handler", unit="WSU"):
        assert (await client.get(meeting)).status_code == 404
    async with house.signed_in(client, "coordination", unit="GOV", name="冯军"):
        refused = await house.post(client, f"{entry}/decision", {"unit": "", "decision": ""}, page=meeting)
        assert refused.status_code == 422
        await _post(client, f"{entry}/decision", meeting, unit="130403", co_units=["CGB"], decision="属地主办。")
        await _post(client, f"{meeting}/roll", meeting, present=["CGB"], **{"person-CGB": "陈浩 科长"})
        async with db.atomic() as connection:
            await connection.execute("UPDATE conference SET starts_at = now() - interval '1 hour'")
        await _post(client, f"{meeting}/held", meeting)
        minutes = (await client.get(f"{meeting}/minutes.txt")).text
        assert "决定：由丛台区人民政府主办，市城市管理和综合行政执法局协办，不得再退。" in minutes
        assert "13900001234" not in minutes
        assert f'href="{meeting}/minutes"' in await house.get(client, here)
    async with house.signed_in(client, "unit_handler", unit="130403"):
        again = await house.post(client, f"{here}/return", {"ground": "function", "basis": "第 5 条", "suggested": "CGB"}, page=here)
        assert again.status_code == 409
        assert "会商决定有约束力，不能再退" in again.text


@pytest.mark.requirement("002-16")
async def test_a_joint_visit_has_one_slot_attendees_an_outcome_and_photographs(client: httpx.AsyncClient) -> None:
    number = (await b.a_case("dispatched")).number
    here = f"/cases/{number}"
    await b.act("dispatcher", number, verbs.add_co_handler, unit="TRP", profile="STD5")
    day = clock.local(clock.now() + timedelta(days=1))
    slot = {"starts": f"{day:%Y-%m-%d}T09:00", "ends": "10:30", "spot": "和平路口东北角", "units": ["TRP", "PWR"]}
    async with house.signed_in(client, "unit_handler", unit="130403"):
        await _post(client, f"{here}/site-visit", here, **slot, tells="yes")
        page = await house.get(client, here)
        assert "9:00–10:30" in page
        assert 'value="Arrange' not in page
    async with house.signed_in(client, "unit_handler", unit="PWR"):
        calendar = await house.get(client, "/work/site-visits")
        assert "和平路口东北角" in calendar
        assert number not in calendar
        identifier = re.search(r'action="/work/site-visits/([0-9a-f-]{36})"', calendar)
        assert identifier
        await _post(client, f"/work/site-visits/{identifier[1]}", "/work/site-visits", comes="yes")
    second = (await b.a_case("dispatched")).number
    async with house.signed_in(client, "unit_handler", unit="130403"):
        warned = await house.post(client, f"/cases/{second}/site-visit", slot, page=here)
        assert warned.status_code == 422
        assert "同一时间还有别的上门" in warned.text
        early = await house.post(client, f"{here}/site-visit/outcome", {"attended": ["PWR"], "outcome": "好"}, page=here)
        assert early.status_code == 409
        await _begin(number)
        answer = await house.post(
            client, f"{here}/site-visit/outcome", {"attended": ["130403", "PWR"], "outcome": "更换灯头两只。"}, page=here,
            files=[("photos", ("现场.jpg", a_photo(), "image/jpeg"))],
        )  # fmt: skip
        assert answer.status_code == 303, answer.text[:3000]
        page = await house.get(client, here)
        assert "更换灯头两只。" in page
        assert "已上门" in page
        photo = re.search(r'href="(/files/[0-9a-f-]{36})"', page)
        assert photo
        assert b"Exif" not in (await client.get(photo[1])).content
    async with db.reading() as connection:
        told = await connection.fetchval("SELECT count(*) FROM outbox_message WHERE name = 'visit_planned'")
    assert told == 1


async def _begin(number: str) -> None:
    """The hour of the visit has come."""
    async with db.atomic() as connection:
        await connection.execute(
            "UPDATE site_visit SET starts_at = now() - interval '1 hour', ends_at = now() WHERE case_id = "
            "(SELECT id FROM cases WHERE number = $1)",
            number,
        )


def a_photo() -> bytes:
    """What a phone takes: with its maker in it."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F] = "SecretPhone"
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()
