"""A province's request from its platform and back: filed twice, handled, told by signed web hooks, rated there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from channels import webhooks
from hotline import db
from tests.engines import Place
from tests.flow.test_http_loop import until
from tests.partnering import a_partner, bearer, secret_of
from tests.receiver import Receiver, is_signed, listening
from tests.visitor import Visitor

REQUESTS = "/api/v1/requests"
BODY: dict[str, Any] = {
    "origin_no": "冀12345-2026-000117", "words": "和平路与陵西大街口的路灯三天不亮，王小明 13800000001。",
    "place": "丛台区和平路", "county": "130403", "matter": "020201", "name": "王小明", "phone": "13800000001",
}  # fmt: skip


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The province's receiver, which fails twice before it hears."""
    async with listening() as one:
        one.answers = [503, 500, 200]
        yield one


async def _hurry() -> None:
    """What waits for its next try is due now: nobody wants a test to wait half a minute."""
    await db.pool().execute(
        "UPDATE outbox_message SET next_at = created_at WHERE channel = 'webhook' AND state = 'queued'"
    )


async def _told(receiver: Receiver, event: str) -> None:
    async def heard() -> bool:
        await _hurry()
        sent = await db.pool().fetchval(
            "SELECT count(*) FROM outbox_message WHERE channel = 'webhook' AND state = 'sent' AND name = $1", event
        )
        return bool(sent) and any(one["event"] == event for one in receiver.told)

    await until(heard, 40)


@pytest.mark.requirement("003-01")
@pytest.mark.requirement("003-12")
@pytest.mark.requirement("000-22")
async def test_a_provinces_request_is_keyed_once_and_its_news_go_back_signed_until_it_is_rated(
    database: Place, live_server: str, receiver: Receiver
) -> None:
    token = await a_partner("hebei", "province", hook=receiver.url)
    async with httpx.AsyncClient(base_url=live_server, headers=bearer(token), timeout=30) as province:
        first = await province.post(REQUESTS, json=BODY)
        again = await province.post(REQUESTS, json=BODY)
        assert (first.status_code, again.status_code) == (202, 200)
        number = first.json()["number"]
        assert again.json()["number"] == number
        await _told(receiver, "dispatched")

        await _handled(live_server, number)
        await _told(receiver, "closed")
        state = (await province.get(REQUESTS, params={"origin_no": BODY["origin_no"]})).json()
        assert (state["state"], state["reply"]) == ("closed", "路灯已修好并试亮。")
        rated = await province.post(f"{REQUESTS}/{number}/rating", json={"scale": "five", "grade": "very_satisfied"})
        assert rated.status_code == 201, rated.text
        await _told(receiver, "rated")

    assert await db.pool().fetchval("SELECT count(*) FROM cases WHERE origin_system = 'hebei'") == 1
    _check(receiver, number, await secret_of("hebei"))


async def _handled(address: str, number: str) -> None:
    """Unit, auditor and callback agent do their part; the visit gives no grade."""
    here = f"/cases/{number}"
    steps: list[tuple[str, str, str, dict[str, str]]] = [
        ("congtai", "sign", "/sign-off", {}),
        ("congtai", "contact", "/contact", {"way": "phone", "said": "已联系"}),
        ("congtai", "result", "/result", {
            "result": "resolved", "note": "更换灯头两只。", "reply": "路灯已修好并试亮。", "is_substantiated": "yes",
            "has_contacted": "yes", "is_solved": "yes",
        }),
        ("audit", "audit", "/audit", {"decision": "approve"}),
        ("callback", "visit", "/visits",
         {"outcome": "reached", "was_contacted": "yes", "is_solved": "yes", "is_truthful": "yes"}),
        ("callback", "close", "/closure", {}),
    ]  # fmt: skip
    people: dict[str, Visitor] = {}
    for login, act, form, given in steps:
        if login not in people:
            people[login] = Visitor(address)
            await people[login].sign_in(login)
        await people[login].open(f"{here}?act={act}")
        await people[login].submit(form, **given)
    for one in people.values():
        await one.client.aclose()


def _check(receiver: Receiver, number: str, secret: str) -> None:
    """Every message is signed, each event came, failures were tried again under the same id, nothing personal."""
    assert all(is_signed(secret, headers, body) for headers, body in receiver.got)
    told = receiver.told
    assert [one["event"] for one in told] == ["registered", "accepted", "dispatched", "replied", "closed", "rated"]
    assert {(one["number"], one["origin_no"]) for one in told} == {(number, BODY["origin_no"])}
    assert [one["state"] for one in told] == ["received", "received", "in_progress", "answered", "closed", "closed"]
    assert told[3]["reply"] == "路灯已修好并试亮。"
    assert told[5]["grade"] == "satisfied"
    assert len(receiver.got) == len(told) + 2  # the two that failed
    text = b"".join(body for _, body in receiver.got).decode()
    for secret_word in ("王小明", "13800000001", "更换灯头", "三天不亮"):
        assert secret_word not in text
    assert set(webhooks.EVENTS) >= {one["event"] for one in told}
