"""The door for texts over HTTP: signed or refused, once however often, whatever stands in the body."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from channels import arrivals, reading, spool
from channels.twilio_signature import signature
from hotline import clock, db, jobs, settings
from tests import builders as b

pytestmark = pytest.mark.anyio
ACCOUNT, TOKEN = "AC00000000000000000000000000000001", "test-token"
PUBLIC = "https://hotline.example.gov.cn"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
async def ours(database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """An installation behind a public address, with a Twilio account."""
    before = settings.current()
    settings.use(msgspec.structs.replace(before, twilio_account=ACCOUNT, twilio_token=TOKEN, public_url=PUBLIC))
    monkeypatch.setattr(jobs, "nudge_soon", lambda _: None)
    yield
    settings.use(before)


def a_form(**change: str) -> dict[str, str]:
    """A text of somebody new."""
    n = next(_numbers)
    given = {
        "MessageSid": f"SM{n:032d}", "SmsSid": f"SM{n:032d}", "AccountSid": ACCOUNT, "From": f"+86136{n:08d}",
        "To": "+8631012345", "Body": "丛台区和平路的路灯不亮", "NumMedia": "0", "NumSegments": "1",
    }  # fmt: skip
    return {**given, **change}


async def post(
    client: httpx.AsyncClient, body: bytes | dict[str, str], *, path: str = "/hooks/twilio/sms", token: str = TOKEN,
    base: str = PUBLIC, signed: str | None = None, **headers: str,
) -> httpx.Response:  # fmt: skip
    """Post a form as Twilio does."""
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    pairs = [(k.encode(), v.encode()) for k, v in body.items()] if isinstance(body, dict) else []
    made = signature(token, base + path, pairs) if signed is None else signed
    given = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": made, **headers}
    return await client.post(path, content=raw, headers={k: v.encode() for k, v in given.items()})


async def rows(form: dict[str, str]) -> int:
    """How many rows this message has."""
    async with db.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM arrival WHERE provider_id = $1", form["MessageSid"]))


@pytest.mark.requirement("001-01")
async def test_a_signed_text_is_answered_with_an_empty_response_and_stands_in_the_one_queue(
    client: httpx.AsyncClient,
) -> None:
    form = a_form(SomethingNew="1")
    answer = await post(client, form)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response></Response>")
    assert (await post(client, form)).text == answer.text
    assert await rows(form) == 1
    await reading.read_all()
    async with db.reading() as connection:
        case = await connection.fetchrow(
            "SELECT c.state, c.channel FROM cases c JOIN arrival a ON a.case_id = c.id WHERE a.provider_id = $1",
            form["MessageSid"],
        )
    assert tuple(case) == ("registered", "sms")


@pytest.mark.parametrize("signed", ["", "xw8vAApUiLJwG0EpybhcThIBJ/Q=", "é"])
async def test_a_forged_or_missing_signature_is_403_and_no_row(client: httpx.AsyncClient, signed: str) -> None:
    form = a_form()
    answer = await post(client, form, signed=signed)
    assert (answer.status_code, answer.json()["error"]) == (403, "signature")
    assert await rows(form) == 0


async def test_a_signature_of_another_body_address_or_token_is_403(client: httpx.AsyncClient) -> None:
    form = a_form()
    stale = signature(TOKEN, f"{PUBLIC}/hooks/twilio/sms", [(k.encode(), v.encode()) for k, v in a_form().items()])
    for change in ({"signed": stale}, {"base": "https://elsewhere.cn"}, {"token": "another"}):
        assert (await post(client, form, **change)).status_code == 403
    assert await rows(form) == 0


async def test_without_a_token_no_signature_is_right(client: httpx.AsyncClient) -> None:
    settings.use(msgspec.structs.replace(settings.current(), twilio_token=""))
    assert (await post(client, a_form(), token="")).status_code == 403


@pytest.mark.parametrize("host", ["a:b", "a:99999", "["])
async def test_a_host_line_that_is_no_address_is_no_signature(client: httpx.AsyncClient, host: str) -> None:
    settings.use(msgspec.structs.replace(settings.current(), public_url=""))
    answer = await post(client, a_form(), host=host)
    assert (answer.status_code, answer.json()["error"]) == (403, "signature")


async def test_behind_a_known_proxy_the_address_it_tells_is_the_signed_one(client: httpx.AsyncClient) -> None:
    given = {"x-forwarded-proto": "https", "x-forwarded-host": "12345.example.cn"}
    form = a_form()
    assert (await post(client, form, base="https://12345.example.cn", **given)).status_code == 403
    settings.use(msgspec.structs.replace(settings.current(), proxies="127.0.0.1"))
    assert (await post(client, form, base="https://12345.example.cn", **given)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"AccountSid": "AC9"}, 403, "not_our_account"), ({"To": "+8610086"}, 404, "unknown_number"),
        ({"MessageSid": "", "SmsSid": ""}, 422, "invalid"),
    ],
)  # fmt: skip
async def test_what_is_not_ours_or_not_whole_is_refused_clearly_and_leaves_no_row(
    client: httpx.AsyncClient, change: dict[str, str], status: int, error: str
) -> None:
    form = a_form(**change)
    answer = await post(client, form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert await rows(form) == 0


async def test_ten_megabytes_no_form_and_no_post_are_refused(client: httpx.AsyncClient) -> None:
    assert (await post(client, b"Body=" + b"x" * 10_000_000)).status_code == 413
    assert (await client.get("/hooks/twilio/sms")).status_code == 405
    answer = await post(client, b'{"a":1}', **{"content-type": "application/json"})
    assert answer.status_code == 403
    many = "&".join(f"a{n}=1" for n in range(600)).encode()
    assert (await post(client, many)).status_code == 400


async def test_bytes_that_are_no_utf_8_emoji_and_nul_become_a_clean_text(client: httpx.AsyncClient) -> None:
    form = a_form(Body="")
    pairs = [(k.encode(), v.encode()) for k, v in form.items() if k != "Body"]
    words = "丛台区路燈不亮😀".encode() + b"\xff\xfe\x00"
    pairs.append((b"Body", words))
    made = signature(TOKEN, f"{PUBLIC}/hooks/twilio/sms", pairs)
    assert (await post(client, urlencode(pairs).encode(), signed=made)).status_code == 200
    await reading.read_all()
    async with db.reading() as connection:
        words_kept = await connection.fetchval(
            "SELECT r.words FROM request r JOIN arrival a ON a.case_id = r.case_id WHERE a.provider_id = $1",
            form["MessageSid"],
        )
    assert words_kept == "丛台区路燈不亮😀��"


async def test_a_retry_with_the_same_token_is_the_same_delivery(client: httpx.AsyncClient) -> None:
    first, again = a_form(), a_form()
    for form in (first, again):
        assert (await post(client, form, **{"i-twilio-idempotency-token": "T-1"})).status_code == 200
    assert (await rows(first), await rows(again)) == (1, 0)


async def test_while_postgresql_is_away_the_text_is_acknowledged_and_none_is_lost(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = [a_form() for _ in range(5)]

    def away() -> Any:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(db, "borrowed", away)
        for form in forms:
            assert (await post(client, form)).status_code == 200
    arrivals._away_until = 0.0
    await spool.drain()
    assert [await rows(form) for form in forms] == [1] * 5


async def test_a_full_disk_is_503_so_that_twilio_comes_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def away() -> Any:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(db, "borrowed", away)
        patch.setattr(spool, "_append", full)
        assert (await post(client, a_form())).status_code == 503
    arrivals._away_until = 0.0


async def test_delivery_states_move_forward_only_in_whatever_order_they_are_told(client: httpx.AsyncClient) -> None:
    receipt = await b.a_receipt()
    sid = f"SM{next(_numbers):032d}"
    async with db.atomic() as connection:
        row = await connection.fetchval(
            "UPDATE outbox_message SET state = 'sent', provider_id = $2, sent_at = $3 WHERE request_id = "
            "(SELECT id FROM request WHERE receipt_no = $1) RETURNING id", receipt.number, sid, clock.now(),
        )  # fmt: skip

    async def after(status: str) -> str:
        form = {"MessageSid": sid, "AccountSid": ACCOUNT, "MessageStatus": status, "To": "+8613800000001"}
        assert (await post(client, form, path="/hooks/twilio/status")).status_code == 200
        async with db.reading() as connection:
            return str(await connection.fetchval("SELECT state FROM outbox_message WHERE id = $1", row))

    assert [await after(s) for s in ("queued", "delivered", "sent", "failed", "delivered")] == ["sent"] + [
        "delivered"
    ] * 4
    bad = {"MessageSid": sid, "AccountSid": ACCOUNT, "MessageStatus": "teleported"}
    assert (await post(client, bad, path="/hooks/twilio/status")).status_code == 422
    assert (await post(client, bad, path="/hooks/twilio/status", signed="x")).status_code == 403


