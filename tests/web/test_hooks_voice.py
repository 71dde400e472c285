"""`/hooks/twilio/voice`: signatures, repeats, order, bad input, PostgreSQL away; signed by Twilio's own validator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx
import msgspec
import pytest
from twilio.request_validator import RequestValidator

from channels import phones, spool, tapes, voice, voice_texts
from hotline import db, settings
from tests.engines import Place
from tests.phones import FakePhones

ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "test-token"
HOOK = "/hooks/twilio/voice"
BASE = "https://hotline.example.gov.cn"


@pytest.fixture(autouse=True)
async def account(database: Place) -> AsyncIterator[FakePhones]:
    """This installation has an account, a public address, and a carrier made of memory."""
    before = settings.current()
    settings.use(msgspec.structs.replace(before, twilio_account=ACCOUNT, twilio_token=TOKEN, public_url=BASE))
    one = FakePhones()
    phones.use(one)
    yield one
    phones.use(None)
    settings.use(before)


async def ask(
    client: httpx.AsyncClient, path: str = HOOK, *, token: str = TOKEN, status: int = 200, **fields: str
) -> ET.Element:
    """What Twilio gets for these fields, signed as it signs; the TwiML that came back."""
    form = {"AccountSid": ACCOUNT, "From": "+8613800000005", "To": "+8631012345", "CallStatus": "ringing", **fields}
    signed = RequestValidator(token).compute_signature(BASE + path, form)
    answer = await client.post(path, data=form, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == status, answer.text
    if status != 200:
        return ET.Element("none")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)  # noqa: S314 - our own answer


def said(answer: ET.Element) -> str:
    """Everything that is said, in one string."""
    assert all(one.get("language") == "zh-CN" for one in answer.iter("Say"))
    return " ".join(one.text or "" for one in answer.iter("Say"))


async def count(sql: str, *args: object) -> Any:
    """One value of the database."""
    async with db.reading() as connection:
        return await connection.fetchval(sql, *args)


def sid() -> str:
    """A fresh CallSid."""
    return f"CA{uuid4().hex}"


async def test_a_call_is_announced_greeted_and_queued(client: httpx.AsyncClient) -> None:
    answer = await ask(client, CallSid=sid(), To="+86310961890")
    assert voice_texts.RECORDED.zh in said(answer)
    assert "12345政务服务便民热线" in said(answer)
    queue = answer.find("Enqueue")
    assert queue is not None
    assert (queue.text or "").startswith("call-")
    assert (queue.get("waitUrl") or "").startswith(f"{BASE}{HOOK}/wait?call=")
    waiting = await ask(client, (queue.get("waitUrl") or "").removeprefix(BASE), CallSid="CAany")
    assert [one.tag for one in waiting] == ["Say", "Pause", "Redirect"]


async def test_a_forged_signature_is_refused_and_leaves_no_row(client: httpx.AsyncClient) -> None:
    forged = sid()
    await ask(client, CallSid=forged, token="another", status=403)
    for headers in ({}, {"X-Twilio-Signature": "x"}):
        answer = await client.post(HOOK, data={"CallSid": forged, "AccountSid": ACCOUNT}, headers=headers)
        assert answer.status_code == 403
    await ask(client, CallSid=forged, AccountSid="AC2", status=403)
    assert await count("SELECT count(*) FROM call WHERE provider_id = $1", forged) == 0
    assert (await client.get(HOOK)).status_code == 405


async def test_the_same_call_a_hundred_times_at_once_is_one_call_with_one_answer(client: httpx.AsyncClient) -> None:
    one = sid()
    answers = await asyncio.gather(*[ask(client, CallSid=one) for _ in range(100)])
    assert len({ET.tostring(answer) for answer in answers}) == 1
    assert await count("SELECT count(*) FROM call WHERE provider_id = $1", one) == 1


async def test_states_in_any_order_and_twice_never_go_back(client: httpx.AsyncClient) -> None:
    one = sid()
    await ask(client, CallSid=one)
    for status in ("in-progress", "completed", "ringing", "completed", "no-answer", "busy", "queued", "initiated"):
        await ask(client, f"{HOOK}/status", CallSid=one, CallStatus=status)
    assert await count("SELECT outcome || ' ' || code FROM call WHERE provider_id = $1", one) == "abandoned completed"
    assert (
        await count("SELECT count(*) FROM callback_task t JOIN call c ON c.id = t.call WHERE provider_id = $1", one)
        == 1
    )


async def test_a_number_that_is_no_line_of_ours_is_told_so_and_noted(client: httpx.AsyncClient) -> None:
    one = sid()
    answer = await ask(client, CallSid=one, To="+15550100")
    assert said(answer) == voice_texts.UNKNOWN.zh
    assert answer.find("Hangup") is not None
    assert await count("SELECT outcome FROM call WHERE provider_id = $1", one) == "refused"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
async def test_a_call_that_failed_before_an_answer_makes_a_call_back(client: httpx.AsyncClient, status: str) -> None:
    one = sid()
    number = f"+86138{uuid4().int % 10**8:08}"
    await ask(client, CallSid=one, From=number)
    await ask(client, f"{HOOK}/status", CallSid=one, CallStatus=status)
    sql = "SELECT why FROM callback_task t JOIN call c ON c.id = t.call WHERE c.provider_id = $1"
    assert await count(sql, one) == "abandoned"


@pytest.mark.parametrize(
    "fields",
    [
        {"CallSid": "CAemoji😀", "From": "anonymous"},
        {"CallSid": "CA" + "x" * 500, "From": "+86" + "1" * 300},
        {"CallSid": "CAtraditional", "To": "１２３４５", "From": "繁體"},
        {"CallSid": "CAnul\x00", "From": ""},
    ],
)
async def test_strange_fields_are_a_call_or_a_refusal_never_a_500(
    client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    answer = await ask(client, **fields)
    assert said(answer)


@pytest.mark.parametrize(
    "step",
    "wait left agent bridged room join emergency out greeted over status recorded".split(),  # noqa: SIM905 - to read
)
async def test_a_step_of_a_call_that_nobody_knows_hangs_up(client: httpx.AsyncClient, step: str) -> None:
    for query in ("", f"?call={uuid4()}", "?call=nonsense", f"?call={uuid4()}&more={uuid4()}"):
        answer = await ask(client, f"{HOOK}/{step}{query}", CallSid=sid(), RecordingSid="RE1", DialCallStatus="busy")
        assert [one.tag for one in answer][-1] == "Hangup"
    assert (await client.post(f"{HOOK}/nothing")).status_code == 404


async def test_a_recording_is_wanted_once(client: httpx.AsyncClient) -> None:
    one = sid()
    await ask(client, CallSid=one)
    call: UUID = await count("SELECT id FROM call WHERE provider_id = $1", one)
    for _ in range(3):
        fields = {"RecordingSid": "RE77", "RecordingUrl": "https://evil.example/", "RecordingDuration": "7"}
        await ask(client, f"{HOOK}/recorded?call={call}", CallSid=one, RecordingStatus="completed", **fields)
    assert await count("SELECT count(*) FROM recording WHERE provider_id = 'RE77' AND seconds = 7") == 1


async def test_postgresql_away_is_said_and_the_caller_is_called_back_afterwards(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sid()

    async def away(_: object) -> None:
        raise db.Away

    with monkeypatch.context() as patched:
        patched.setattr(voice, "arrived", away)
        answer = await ask(client, CallSid=one, From="+8613800000061")
    assert said(answer) == voice_texts.AWAY.zh
    assert await count("SELECT count(*) FROM call WHERE provider_id = $1", one) == 0
    for _ in range(2):
        await spool.drain()
    sql = "SELECT t.why FROM callback_task t JOIN call c ON c.id = t.call WHERE c.provider_id = $1"
    assert await count(sql, one) == "away"


async def test_what_is_told_while_postgresql_is_away_is_told_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise db.Away

    monkeypatch.setattr(voice, "told", away)
    await ask(client, f"{HOOK}/status", CallSid=sid(), CallStatus="completed", status=503)


async def test_who_waits_keeps_the_place_while_postgresql_is_away(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sid()
    await ask(client, CallSid=one)
    call = await count("SELECT id FROM call WHERE provider_id = $1", one)

    async def away(_: object) -> None:
        raise db.Away

    with monkeypatch.context() as patched:
        patched.setattr(voice, "waiting", away)
        waiting = await ask(client, f"{HOOK}/wait?call={call}", CallSid=one)
    assert [part.tag for part in waiting] == ["Say", "Pause", "Redirect"]
    assert said(waiting) == voice_texts.HOLD.zh


async def test_an_end_and_a_recording_told_while_postgresql_is_away_are_not_lost(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, tape = sid(), f"RE{uuid4().hex}"
    await ask(client, CallSid=one, From="+8613800000062")
    call = await count("SELECT id FROM call WHERE provider_id = $1", one)

    async def away(*_: object) -> None:
        raise db.Away

    with monkeypatch.context() as patched:
        patched.setattr(voice, "told", away)
        patched.setattr(tapes, "made", away)
        await ask(client, f"{HOOK}/status", CallSid=one, CallStatus="completed", status=503)
        await ask(client, f"{HOOK}/recorded?call={call}", CallSid=one, RecordingSid=tape, status=503)
        await ask(client, f"{HOOK}/recorded?call={uuid4()}", CallSid=one, RecordingSid=f"{tape}x", status=503)
    drained = await spool.drain()
    assert drained.damaged == 0
    await spool.drain()
    assert await count("SELECT outcome FROM call WHERE provider_id = $1", one) == "abandoned"
    assert await count("SELECT count(*) FROM recording WHERE provider_id LIKE $1", f"{tape}%") == 1
