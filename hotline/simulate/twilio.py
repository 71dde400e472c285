"""The stand-in of Twilio as tests and pages hold it: texts, calls, and the hooks that it sends, signed."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from hotline.simulate import signing, twiml
from hotline.simulate.calls import Exchange, Phone
from hotline.simulate.faults import FOREVER, Faults
from hotline.simulate.fixed import Credentials
from hotline.simulate.leg import Leg
from hotline.simulate.line import Answer, Line
from hotline.simulate.texts import Picture, Text, Texts

API = "/2010-04-01/Accounts"


class Twilio:
    """One account. ``tempo`` is how many real seconds a second of a call takes; ``pause`` stands between states."""

    sms_path = "/hooks/twilio/sms"
    voice_path = "/hooks/twilio/voice"
    status_path = "/hooks/twilio/status"

    def __init__(self, line: Line, account: Credentials, *, tempo: float = 1.0, pause: float = 0.02) -> None:
        self.line = line
        self.account = account
        self.address = ""
        self.faults = Faults()
        self.tempo = tempo
        self.pause = pause
        self.retries = 2
        self.patience = 15.0
        """As after ``#rc=2&rp=all`` in a number's webhook: tries again what failed, after so many seconds at most."""
        self.uses_shared_key = False
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        """What the hotline asked of the API: method, path, form."""
        self.texts = Texts(self)
        self.exchange = Exchange(self)

    @property
    def base(self) -> str:
        """The account's own address."""
        return f"{self.address}{API}/{self.account.twilio_account}"

    @property
    def sent(self) -> list[Text]:
        """The messages that the hotline sent, with their states."""
        return self.texts.sent

    @property
    def signer(self) -> signing.Signer:
        """Signs as the account is set: with its token, or with the first of its shared keys."""
        if self.uses_shared_key and self.account.twilio_signing_keys:
            key_id, _, secret = self.account.twilio_signing_keys.split()[0].partition(":")
            return signing.Signer(secret, key_id)
        return signing.Signer(self.account.twilio_token)

    async def hook(
        self, path: str, form: list[tuple[str, str]], *, token: str = "", signature: str | None = None
    ) -> Answer:
        """Post a form to the hotline, signed, again when that fails; ``signature`` forges one."""
        url = self.line.url(path)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "X-Home-Region": "us1",
            signing.IDEMPOTENCY: token or str(uuid4()),
            **self.signer.headers(url, form),
        }  # fmt: skip
        if signature is not None:
            headers[signing.SIGNATURE] = signature
        body = urlencode(form).encode()
        for _ in range(self.retries):
            answer = await self.line.post(url, body, headers, self.patience)
            if answer.status and answer.status < 500:
                return answer
        return await self.line.post(url, body, headers, self.patience)

    async def text(
        self, sender: str, body: str, to: str = "", *, media: tuple[Picture | bytes, ...] = (), sid: str = "",
        times: int = 1, together: bool = False, more: dict[str, str] | None = None,
    ) -> list[Answer]:
        """A citizen texts the hotline; it hears it ``times`` times. See `Texts.receive`."""
        return await self.texts.receive(
            sender, body, to, media=media, sid=sid, times=times, together=together, more=more
        )

    def call(self, caller: str, to: str = "12345", **given: Any) -> Leg:
        """A citizen dials a line; the call goes on by itself. See `Exchange.dial_in`."""
        return self.exchange.dial_in(caller, to, **given)

    def phone(self, number: str, **given: Any) -> Phone:
        """A telephone that behaves so when it rings. See `Phone`."""
        return self.exchange.phone(number, **given)

    def fail(self, status: int, code: int = 0, times: int = 1) -> None:
        """The next ``times`` API requests are answered with this status and code."""
        self.faults.fail(status, code, times)

    def slow(self, seconds: float, times: int = FOREVER) -> None:
        """API requests take so long; 0 ends it."""
        self.faults.slow(seconds, times)

    def texts_to(self, number: str) -> list[str]:
        """The words that a number got from the hotline, oldest first."""
        return [text.body for text in self.sent if text.person == number]

    @staticmethod
    def messages_in(answer: str) -> list[str]:
        """What an answer's TwiML wants texted back."""
        return twiml.messages(answer)

    @staticmethod
    def tick() -> float:
        """Seconds of a clock that never jumps."""
        return time.monotonic()
