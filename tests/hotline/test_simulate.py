"""The stand-in of Twilio, held against Twilio's own validator and the protocol's vectors; a made-up hotline hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from hotline.simulate import signing
from hotline.simulate.asking import Answered, Ask, Site
from hotline.simulate.fixed import Credentials
from hotline.simulate.standin import StandIn
from tests import standins

PUBLIC = "https://hotline.example.gov.cn"
MAN = "13800000001"
ACCOUNT = Credentials()


class Hotline:
    """A hotline of the test's own: hears everything, answers what it was told to, checks every signature."""

    def __init__(self) -> None:
        self.heard: list[Ask] = []
        self.answers: dict[str, str | Callable[[dict[str, str]], str]] = {}
        self.slow: dict[str, float] = {}
        self.status: list[int] = []

    def site(self) -> Site:
        return Site([(method, ".*", self.hear) for method in ("GET", "POST")])

    async def hear(self, ask: Ask) -> Answered:
        self.heard.append(ask)
        await asyncio.sleep(self.slow.get(ask.path, 0))
        if self.status:
            return Answered(status=self.status.pop(0))
        found = self.answers.get(ask.path, "")
        text = found(ask.form) if callable(found) else found
        return Answered(body=text.encode(), media_type="text/xml")

    def forms(self, path: str) -> list[dict[str, str]]:
        return [ask.form for ask in self.heard if ask.path == path]

    def is_signed(self, ask: Ask, secret: str = ACCOUNT.twilio_token, algorithm: str | None = None) -> bool:
        given = ask.headers[signing.SIGNATURE.lower()]
        answer: bool = RequestValidator(secret).validate(f"{PUBLIC}{ask.path}", ask.form, given, algorithm)
        return answer


@pytest.fixture
async def hotline() -> Hotline:
    return Hotline()


@pytest.fixture
async def standin(hotline: Hotline) -> AsyncIterator[StandIn]:
    transport = httpx.ASGITransport(app=hotline.site())
    async with (
        httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client,
        standins.opened(public=PUBLIC, client=client, tempo=0.02) as one,
    ):
        yield one


def api(standin: StandIn, **given: Any) -> httpx.AsyncClient:
    login = (ACCOUNT.twilio_account, ACCOUNT.twilio_token)
    return httpx.AsyncClient(base_url=standin.twilio.base, auth=login, trust_env=False, **given)


CALLBACK = f"{PUBLIC}/hooks/twilio/status"


@pytest.mark.parametrize(
    ("token", "url", "form", "expected"),
    [
        (
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            {"CallSid": "CA1234567890ABCDE", "From": "+12349013030", "To": "+18005551212", "Caller": "+12349013030",
             "Digits": "1234"},
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
        (
            "test-token",
            "https://hotline.example.gov.cn/hooks/twilio/sms",
            {"MessageSid": "SM00000000000000000000000000000001", "SmsSid": "SM00000000000000000000000000000001",
             "AccountSid": "AC00000000000000000000000000000001", "From": "+8613800000001", "To": "+8631012345",
             "Body": "丛台路路灯不亮", "NumMedia": "0"},
            "xw8vAApUiLJwG0EpybhcThIBJ/Q=",
        ),
    ],
)  # fmt: skip
def test_forms_are_signed_as_the_protocol_s_vectors_are(
    token: str, url: str, form: dict[str, str], expected: str
) -> None:
    assert signing.Signer(token).signature(url, form.items()) == expected


def test_a_json_body_is_signed_by_its_hash_in_the_address() -> None:
    url = signing.with_body_hash("https://hotline.example.gov.cn/hooks/twilio/json", b'{"a":1}')
    assert url.endswith("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
    assert signing.Signer("test-token").signature(url) == "YAiuufPVxm0fjpK4zHCmDfV2nOQ="
    assert RequestValidator("test-token").validate(url, '{"a":1}', "YAiuufPVxm0fjpK4zHCmDfV2nOQ=")


async def test_a_text_is_signed_so_that_twilio_s_own_validator_takes_it(standin: StandIn, hotline: Hotline) -> None:
    hotline.answers["/hooks/twilio/sms"] = "<Response><Message>已收到 😀</Message></Response>"
    [answer] = await standin.twilio.text(MAN, "丛台路路灯不亮，學步橋也是 😀", more={"Addition": "without notice"})
    assert answer.status == 200
    [ask] = hotline.heard
    assert hotline.is_signed(ask)
    assert not hotline.is_signed(ask, "another token")
    assert ask.form["From"] == "+8613800000001"
    assert ask.form["To"] == ACCOUNT.twilio_number
    assert standin.twilio.texts_to(MAN) == ["已收到 😀"]


async def test_a_shared_key_signs_with_sha_256_and_says_so(hotline: Hotline) -> None:
    account = Credentials(twilio_signing_keys="key1:secret-of-it")
    transport = httpx.ASGITransport(app=hotline.site())
    async with (
        httpx.AsyncClient(transport=transport) as client,
        standins.opened(public=PUBLIC, client=client, credentials=account) as standin,
    ):
        standin.twilio.uses_shared_key = True
        await standin.twilio.text(MAN, "你好")
    [ask] = hotline.heard
    assert ask.headers[signing.SETTINGS.lower()] == "key=key1,algorithm=HMAC_SHA256"
    assert hotline.is_signed(ask, "secret-of-it", "HMAC_SHA256")
    assert not hotline.is_signed(ask, "secret-of-it")


async def test_a_repeated_text_is_the_same_text(standin: StandIn, hotline: Hotline) -> None:
    await standin.twilio.text(MAN, "路灯不亮", times=20, together=True)
    assert len(hotline.heard) == 20
    assert len({ask.form["MessageSid"] for ask in hotline.heard}) == 1
    assert len({ask.headers[signing.IDEMPOTENCY.lower()] for ask in hotline.heard}) == 1


async def test_what_fails_is_tried_again_with_the_same_token(standin: StandIn, hotline: Hotline) -> None:
    hotline.status = [503, 500]
    [answer] = await standin.twilio.text(MAN, "路灯不亮")
    assert answer.status == 200
    assert len({ask.headers[signing.IDEMPOTENCY.lower()] for ask in hotline.heard}) == 1
    assert len(hotline.heard) == 3


async def test_media_lie_behind_the_login_and_a_redirect(standin: StandIn, hotline: Hotline) -> None:
    await standin.twilio.text(MAN, "", media=(standins.a_picture(),))
    [form] = hotline.forms("/hooks/twilio/sms")
    assert form["NumMedia"] == "1"
    assert form["MediaContentType0"] == "image/png"
    async with httpx.AsyncClient(trust_env=False) as nobody:
        assert (await nobody.get(form["MediaUrl0"])).status_code == 401
    async with api(standin, follow_redirects=True) as client:
        got = await client.get(form["MediaUrl0"])
        assert got.content.startswith(b"\x89PNG")
        assert got.history[0].status_code == 307


async def test_a_message_out_is_told_of_in_order_signed(standin: StandIn, hotline: Hotline) -> None:
    async with api(standin) as client:
        body = {"To": "+8613800000001", "From": ACCOUNT.twilio_number, "Body": "您好", "StatusCallback": CALLBACK}
        got = await client.post("/Messages.json", data=body)
    assert got.status_code == 201
    assert got.json()["status"] == "queued"
    await standin.settle()
    told = hotline.forms("/hooks/twilio/status")
    assert [form["MessageStatus"] for form in told] == ["queued", "sent", "delivered"]
    assert {form["MessageSid"] for form in told} == {got.json()["sid"]}
    assert all(hotline.is_signed(ask) for ask in hotline.heard)
    assert [text.body for text in standin.twilio.sent] == ["您好"]


async def test_messages_fail_late_repeat_and_overtake_each_other(standin: StandIn, hotline: Hotline) -> None:
    standin.twilio.texts.outcome("undelivered", 30003)
    standin.twilio.faults.duplicates, standin.twilio.faults.is_shuffled = 2, True
    async with api(standin) as client:
        body = {"To": "+8613800000001", "From": ACCOUNT.twilio_number, "Body": "您好", "StatusCallback": CALLBACK}
        await client.post("/Messages.json", data=body)
    await standin.settle()
    told = [form["MessageStatus"] for form in hotline.forms("/hooks/twilio/status")]
    assert sorted(told) == sorted(["queued", "sent", "undelivered"] * 3)
    assert told != sorted(told, key=["queued", "sent", "undelivered"].index)
    assert {form.get("ErrorCode") for form in hotline.forms("/hooks/twilio/status")} == {None, "30003"}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"To": ""}, 21604), ({"To": "12345"}, 21211), ({"Body": ""}, 21602), ({"Body": "长" * 1601}, 21617),
     ({"From": ""}, 21603), ({"To": "+8613800000009"}, 21610)],
)  # fmt: skip
async def test_what_twilio_refuses_has_its_code(standin: StandIn, change: dict[str, str], code: int) -> None:
    await standin.twilio.text("13800000009", "stop")
    async with api(standin) as client:
        body = {"To": "+8613800000001", "From": ACCOUNT.twilio_number, "Body": "您好", **change}
        got = await client.post("/Messages.json", data=body)
    assert (got.status_code, got.json()["code"]) == (400, code)


async def test_the_interface_fails_and_dawdles_when_told_to(standin: StandIn) -> None:
    body = {"To": "+8613800000001", "From": ACCOUNT.twilio_number, "Body": "您好"}
    standin.twilio.fail(429, times=2)
    standin.twilio.fail(500)
    async with api(standin) as client:
        got = [(await client.post("/Messages.json", data=body)).status_code for _ in range(4)]
        assert got == [429, 429, 500, 201]
        standin.twilio.slow(30)
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/Messages.json", data=body, timeout=0.1)
    async with api(standin) as client:
        standin.twilio.slow(0)
        client.auth = httpx.BasicAuth(ACCOUNT.twilio_account, "wrong")
        assert (await client.post("/Messages.json", data=body)).status_code == 401
    assert len(standin.twilio.sent) == 1


async def test_twilio_s_own_client_speaks_with_it(standin: StandIn) -> None:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    client = Client(ACCOUNT.twilio_account, ACCOUNT.twilio_token, http_client=TwilioHttpClient())
    client.api.base_url = standin.twilio.address
    made = await asyncio.to_thread(
        client.messages.create, to="+8613800000001", from_=ACCOUNT.twilio_number, body="您好"
    )
    assert made.sid == standin.twilio.sent[0].sid
    assert made.status == "queued"
