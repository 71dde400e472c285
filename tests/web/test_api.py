"""The JSON door: the same intake as the web form, each message once, refusals in JSON."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from channels import acknowledge, intake
from hotline import db, jobs

pytestmark = pytest.mark.anyio

BODY: dict[str, Any] = {
    "words": "和平路与陵西大街口的路灯三天不亮。", "place": "丛台区和平路", "county": "130403", "matter": "020201",
    "phone": "13800000001", "reply_by": "sms",
}  # fmt: skip


async def test_a_message_is_acknowledged_and_becomes_a_routed_case(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/requests", json=BODY)
    assert answer.status_code == 202, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert "content-security-policy" in answer.headers
    receipt = answer.json()
    assert (len(receipt["code"]), receipt["is_repeat"]) == (6, False)
    await intake.make_all()
    case = await db.pool().fetchrow("SELECT state, channel, lead_unit FROM cases WHERE number = $1", receipt["number"])
    assert (case["state"], case["channel"]) == ("active", "web")
    assert case["lead_unit"] is not None


async def test_the_same_key_and_body_make_one_message_and_another_body_another(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "once-only"}
    first = (await client.post("/api/requests", json=BODY, headers=key)).json()
    again = (await client.post("/api/requests", json=BODY, headers=key)).json()
    other = (await client.post("/api/requests", json={**BODY, "words": "另一件事。"}, headers=key)).json()
    plain = [(await client.post("/api/requests", json=BODY)).json()["number"] for _ in range(2)]
    assert again == {"number": first["number"], "code": "", "is_repeat": True}
    assert other["number"] != first["number"]
    assert len(set(plain)) == 2


@pytest.mark.parametrize(
    ("content", "kind", "status", "error", "field"),
    [
        (b"{", "application/json", 400, "bad_json", ""),
        (b"words=x", "application/x-www-form-urlencoded", 415, "not_json", ""),
        (b'{"words": " "}', "application/json", 422, "invalid", "words"),
        (b'{"words": 7}', "application/json", 422, "invalid", "words"),
        (b'{"words": "x", "wrods": "y"}', "application/json", 422, "invalid", "body"),
        (b'{"words": "x", "kind": "party"}', "application/json", 422, "invalid", "kind"),
        (b'{"words": "x", "reply_by": "sms"}', "application/json", 422, "invalid", "phone"),
        (b'{"words": "x", "reply_by": "email"}', "application/json", 422, "invalid", "reply_to"),
        (b'{"words": "x", "second_by": "wechat"}', "application/json", 422, "invalid", "second_to"),
        (b'{"words": "\\u0000"}', "application/json", 422, "invalid", "words"),
        (b'{"words": "' + b"x" * 70_000 + b'"}', "application/json", 413, "too_large", ""),
    ],
)
async def test_what_cannot_be_taken_is_refused_in_json_with_the_field(
    client: httpx.AsyncClient, content: bytes, kind: str, status: int, error: str, field: str
) -> None:
    answer = await client.post("/api/requests", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()["say"]) == {"zh", "en"}
    if field:
        assert field in answer.json()["fields"]


async def test_an_answer_may_go_to_an_address_and_by_a_second_way(client: httpx.AsyncClient) -> None:
    ways = {"reply_by": "email", "reply_to": "someone@example.cn", "second_by": "sms"}
    assert (await client.post("/api/requests", json={**BODY, **ways})).status_code == 202


async def test_only_post_and_only_short_keys(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/requests")).status_code == 405
    answer = await client.post("/api/requests", json=BODY, headers={"Idempotency-Key": "k" * 201})
    assert answer.status_code == 422


async def test_a_burst_of_messages_nudges_the_worker_once(client: httpx.AsyncClient) -> None:
    valkey = await jobs.client()
    await valkey.flushdb()
    await asyncio.gather(*(client.post("/api/requests", json=BODY) for _ in range(10)))
    await asyncio.sleep(5 * jobs.MOMENT)
    assert await valkey.zcard("arq:queue") == 1


async def test_what_goes_wrong_inside_is_a_500_in_json_with_a_number(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(acknowledge, "acknowledge", broken)
    answer = await client.post("/api/requests", json=BODY)
    assert (answer.status_code, answer.json()["error"]) == (500, "failed")


async def test_without_the_database_it_is_a_503_in_json(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(acknowledge, "acknowledge", away)
    answer = await client.post("/api/requests", json=BODY)
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
