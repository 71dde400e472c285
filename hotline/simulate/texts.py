"""Twilio's messages: what citizens text to the hotline, what it texts to them, and how far each of those came."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from hotline.simulate.fixed import e164, said
from hotline.simulate.line import Answer

if TYPE_CHECKING:
    from hotline.simulate.twilio import Twilio

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
START = {"START", "YES", "UNSTOP"}
LONGEST = 1600
_FINAL = {"delivered", "undelivered", "failed"}


def new_sid(kind: str) -> str:
    """An identifier as Twilio makes them: two letters and 32 hex digits."""
    return kind + uuid4().hex


class Text(msgspec.Struct, kw_only=True):
    """One message of either direction, as the account's log shows it."""

    sid: str
    sender: str
    to: str
    body: str
    at: datetime
    status: str = "queued"
    error_code: int | None = None
    callback: str = ""
    media: tuple[str, ...] = ()
    is_ours: bool = True
    """Whether the hotline sent it."""
    states: list[str] = []
    answers: list[Answer] = []

    @property
    def person(self) -> str:
        """The citizen's number as people say it."""
        return said(self.to if self.is_ours else self.sender)

    def resource(self, account: str) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": account, "from": self.sender, "to": self.to, "body": self.body,
            "status": self.status, "error_code": self.error_code, "error_message": None, "api_version": "2010-04-01",
            "direction": "outbound-api" if self.is_ours else "inbound", "num_segments": str(segments(self.body)),
            "num_media": str(len(self.media)), "price": None, "price_unit": "USD", "messaging_service_sid": None,
            "date_created": format_datetime(self.at), "date_updated": format_datetime(self.at), "date_sent": None,
            "uri": f"/2010-04-01/Accounts/{account}/Messages/{self.sid}.json",
        }  # fmt: skip


class Picture(msgspec.Struct, frozen=True):
    """Something that came with a message: served by the stand-in to who knows the account's token."""

    body: bytes
    media_type: str = "image/png"


def segments(body: str) -> int:
    """How many parts a message takes on the air: 160/153 letters, or 70/67 where there is Chinese in it."""
    alone, joined = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= alone else -(-len(body) // joined)


def a_picture(colour: str = "#c8452f", size: int = 64) -> bytes:
    """A small PNG that is really one."""
    from PIL import Image  # noqa: PLC0415 - only who sends pictures waits for it

    held = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(held, "PNG")
    return held.getvalue()


class Texts:
    """The message side of the account."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio
        self.log: list[Text] = []
        self.pictures: dict[str, Picture] = {}
        self.stopped: set[str] = set()
        self.refused: dict[str, int] = {}
        self.always: tuple[str, int | None] = ("delivered", None)
        """How messages end of which nothing else was said."""
        self._outcomes: list[tuple[str, int | None]] = []
        self._outcome_of: dict[str, tuple[str, int | None]] = {}

    @property
    def sent(self) -> list[Text]:
        """What the hotline sent, oldest first."""
        return [text for text in self.log if text.is_ours]

    def refuse(self, number: str, code: int = 21211) -> None:
        """Every message to this number is refused with this code."""
        self.refused[e164(number)] = code

    def outcome(self, status: str, code: int | None = None, *, to: str = "", times: int = 1) -> None:
        """How the next ``times`` messages (or all to one number) end: delivered, undelivered or failed with a code."""
        if to:
            self._outcome_of[e164(to)] = (status, code)
        else:
            self._outcomes += [(status, code)] * times

    async def receive(
        self, sender: str, body: str, to: str = "", *, media: tuple[Picture | bytes, ...] = (), sid: str = "",
        times: int = 1, together: bool = False, more: dict[str, str] | None = None,
    ) -> list[Answer]:
        """A citizen texts the hotline, which hears it ``times`` times, one after another or all at once."""
        text = Text(
            sid=sid or new_sid("MM" if media else "SM"), sender=e164(sender), body=body, at=self.twilio.line.now(),
            to=e164(to) or self.twilio.account.twilio_number, is_ours=False, status="received",
        )  # fmt: skip
        self._heed(text)
        held = [one if isinstance(one, Picture) else Picture(one) for one in media]
        text.media = tuple(new_sid("ME") for _ in held)
        self.pictures.update({f"{text.sid}/{sid}": one for sid, one in zip(text.media, held, strict=True)})
        self.log.append(text)
        form = [*self._inbound(text, held), *(more or {}).items()]
        token = str(uuid4())
        times += self.twilio.faults.duplicates

        async def once() -> Answer:
            await self.twilio.faults.wait()
            return await self.twilio.hook(self.twilio.sms_path, form, token=token)

        if together:
            text.answers = list(await asyncio.gather(*(once() for _ in range(times))))
        else:
            text.answers = [await once() for _ in range(times)]
        self._reply(text)
        return text.answers

    def _heed(self, text: Text) -> None:
        """Twilio keeps a list of its own of who said STOP."""
        word = text.body.strip().upper()
        if word in STOP:
            self.stopped.add(text.sender)
        elif word in START:
            self.stopped.discard(text.sender)

    def _inbound(self, text: Text, media: list[Picture]) -> list[tuple[str, str]]:
        form = {
            "ToCountry": "CN", "ToState": "", "SmsMessageSid": text.sid, "NumMedia": str(len(media)), "ToCity": "",
            "FromZip": "", "SmsSid": text.sid, "FromState": "", "SmsStatus": "received", "FromCity": "",
            "Body": text.body, "FromCountry": "CN", "To": text.to, "ToZip": "", "NumSegments": str(segments(text.body)),
            "MessageSid": text.sid, "AccountSid": self.twilio.account.twilio_account, "From": text.sender,
            "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for number, (sid, one) in enumerate(zip(text.media, media, strict=True)):
            form[f"MediaUrl{number}"] = f"{self.twilio.base}/Messages/{text.sid}/Media/{sid}"
            form[f"MediaContentType{number}"] = one.media_type
        return list(form.items())

    def _reply(self, text: Text) -> None:
        """What the first good answer says in TwiML goes to the sender as a message."""
        good = next((answer for answer in text.answers if answer.is_good), None)
        for words in self.twilio.messages_in(good.text) if good else ():
            reply = Text(sid=new_sid("SM"), sender=text.to, to=text.sender, body=words, at=self.twilio.line.now())
            reply.status, reply.states = "delivered", ["queued", "sent", "delivered"]
            self.log.append(reply)

    def accept(self, form: dict[str, str]) -> Text | int:
        """A message that the hotline wants sent: taken and on its way, or the code of its refusal."""
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        refusal = self.refused.get(to) or (
            21604 if not to
            else 21603 if not (sender or form.get("MessagingServiceSid"))
            else 21602 if not body and not form.get("MediaUrl")
            else 21617 if len(body) > LONGEST
            else 21211 if not (to.startswith("+") and to[1:].isdigit() and 8 <= len(to) <= 16)
            else 21610 if to in self.stopped
            else 0
        )  # fmt: skip
        if refusal:
            return refusal
        text = Text(
            sid=new_sid("SM"), sender=sender or self.twilio.account.twilio_number, to=to, body=body,
            at=self.twilio.line.now(), callback=form.get("StatusCallback", ""),
        )  # fmt: skip
        self.log.append(text)
        self.twilio.line.later(self._carry(text))
        return text

    async def _carry(self, text: Text) -> None:
        """The message's way: queued, sent, and how it ends; each state told as it comes, or out of order."""
        end, code = self._outcome_of.get(text.to) or (self._outcomes.pop(0) if self._outcomes else self.always)
        states = ["queued", end] if end == "failed" else ["queued", "sent", end]
        told = []
        for before, state in pairwise(["", *states]):
            if before:
                await asyncio.sleep(self.twilio.pause)
            text.status, text.error_code = state, code if state in _FINAL else None
            text.states.append(state)
            if text.callback:
                told.append(self.twilio.line.later(self._tell(text, state)))
            if told and not self.twilio.faults.is_shuffled:
                await asyncio.wait([told[-1]])

    async def _tell(self, text: Text, state: str) -> None:
        form = {
            "SmsSid": text.sid, "SmsStatus": state, "MessageStatus": state, "To": text.to, "MessageSid": text.sid,
            "AccountSid": self.twilio.account.twilio_account, "From": text.sender, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if text.error_code and state in _FINAL:
            form["ErrorCode"] = str(text.error_code)
        for _ in range(1 + self.twilio.faults.duplicates):
            await self.twilio.faults.wait()
            text.answers = [*text.answers, await self.twilio.hook(text.callback, list(form.items()))]
