"""One leg of a call, Twilio's "call": who is at its end, what was said to them, and the programme that it follows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from hotline.simulate import twiml
from hotline.simulate.fixed import e164, said
from hotline.simulate.line import Answer, until
from hotline.simulate.texts import new_sid
from hotline.simulate.twiml import Document, NoTwiMLError

if TYPE_CHECKING:
    from hotline.simulate.calls import Exchange

INBOUND, OUTBOUND, DIALLED = "inbound", "outbound-api", "outbound-dial"
OVER = {"completed", "busy", "failed", "no-answer", "canceled"}
_EVENT = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


class Spoken(msgspec.Struct, frozen=True):
    """One thing that happened on a leg; ``kind``: say, play, gather, keys, queue, talk, ring, record or error."""

    kind: str
    words: str
    at: datetime

    def __str__(self) -> str:
        return self.words if self.kind == "say" else f"[{self.kind}] {self.words}".rstrip()


class Leg:
    """A call between one person and the exchange. ``callback`` is told of ``events`` as its state changes."""

    def __init__(
        self, exchange: Exchange, caller: str, to: str, direction: str, *, parent: str = "", callback: str = "",
        events: tuple[str, ...] = ("completed",),
    ) -> None:  # fmt: skip
        self.exchange = exchange
        self.sid = new_sid("CA")
        self.caller, self.to = e164(caller), e164(to)
        self.direction, self.parent = direction, parent
        self.callback, self.events = callback, events
        self.status = "queued"
        self.heard: list[Spoken] = []
        self.told: list[Answer] = []
        self.states: list[str] = []
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.finished = asyncio.Event()
        self.decision: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.began = exchange.now()
        self._began_tick = exchange.tick()
        self._answered_tick: float | None = None
        self._ended_tick: float | None = None
        self._turn: Document | None = None
        self._turned = asyncio.Event()
        self._said: asyncio.Task[Any] | None = None

    # ---- what the person at its end does

    def press(self, digits: str) -> None:
        """Press keys; what nobody asks for yet is kept until somebody does."""
        self.note("keys", digits)
        for digit in digits:
            self.keys.put_nowait(digit)

    def pick_up(self) -> None:
        """Answer a ringing telephone."""
        self._decide("answered")

    def refuse(self, how: str = "busy") -> None:
        """Turn the call away: busy, failed or no-answer."""
        self._decide(how)

    def hang_up(self) -> None:
        """Put the receiver down."""
        self.gone.set()
        self._decide("canceled" if self.direction != DIALLED else "no-answer")

    def _decide(self, how: str) -> None:
        if not self.decision.done():
            self.decision.set_result(how)

    # ---- what tests and pages ask

    @property
    def transcript(self) -> list[str]:
        """What was said, as it was said; other things that happened in brackets."""
        return [str(one) for one in self.heard]

    @property
    def person(self) -> str:
        """The number of the person at its end, as people say it."""
        return said(self.caller if self.direction == INBOUND else self.to)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, however."""
        return self.status in OVER

    @property
    def duration(self) -> int:
        """Seconds of the call's own time since it was answered; 0 where it never was."""
        if self._answered_tick is None:
            return 0
        return round(((self._ended_tick or self.exchange.tick()) - self._answered_tick) / (self.exchange.tempo or 1))

    async def until(self, words: str, seconds: float = 10.0) -> None:
        """Wait until the transcript holds ``words``. Raises TimeoutError with what it holds instead."""
        try:
            await until(lambda: any(words in line for line in self.transcript), seconds)
        except TimeoutError:
            raise TimeoutError(f"never heard {words!r} in {self.transcript} ({self.status})") from None

    async def ended(self, seconds: float = 10.0) -> str:
        """Wait until it is over and everybody was told; the status in which it ended."""
        async with asyncio.timeout(seconds):
            await self.finished.wait()
            if self._said is not None:
                await asyncio.wait([self._said])
        return self.status

    def resource(self) -> dict[str, Any]:
        """As the API shows it."""
        account = self.exchange.account
        return {
            "sid": self.sid, "account_sid": account, "parent_call_sid": self.parent or None, "from": self.caller,
            "to": self.to, "status": self.status, "direction": self.direction, "duration": str(self.duration),
            "start_time": format_datetime(self.began), "date_created": format_datetime(self.began), "price": None,
            "api_version": "2010-04-01", "uri": f"/2010-04-01/Accounts/{account}/Calls/{self.sid}.json",
        }  # fmt: skip

    # ---- what the exchange does with it

    def note(self, kind: str, words: str = "") -> None:
        """Write down what happened."""
        self.heard.append(Spoken(kind, words, self.exchange.now()))

    async def lasts(self, seconds: float) -> None:
        """Let seconds of the call pass."""
        await asyncio.sleep(seconds * self.exchange.tempo)

    def form(self, **more: str) -> list[tuple[str, str]]:
        """The fields that every request about this leg carries."""
        found = {
            "Called": self.to, "ToState": "", "CallerCountry": "CN", "Direction": self.direction, "CallerState": "",
            "ToZip": "", "CallSid": self.sid, "To": self.to, "CallerZip": "", "ToCountry": "CN", "Caller": self.caller,
            "FromCountry": "CN", "ApiVersion": "2010-04-01", "CalledCity": "", "CallStatus": self.status,
            "From": self.caller, "AccountSid": self.exchange.account, "CalledCountry": "CN", "FromCity": "",
        }  # fmt: skip
        if self.parent:
            found["ParentCallSid"] = self.parent
        return list({**found, **more}.items())

    async def fetch(self, url: str, method: str = "POST", **more: str) -> Document:
        """Ask the hotline what to do next. Raises NoTwiMLError where it does not say."""
        form = self.form(**more)
        if method.upper() == "GET":
            url, form = f"{url}{'&' if '?' in url else '?'}{urlencode(form)}", []
        answer = await self.exchange.twilio.hook(url, form) if form else await self._get(url)
        if not answer.is_good:
            raise NoTwiMLError(f"HTTP {answer.status or 'none'} from {url}")
        return twiml.read(answer.text, self.exchange.twilio.line.url(url))

    async def _get(self, url: str) -> Answer:
        twilio = self.exchange.twilio
        return await twilio.line.get(twilio.line.url(url), twilio.signer.headers(url), twilio.patience)

    def becomes(self, status: str) -> None:
        """Its state changes, and who wants to know is told."""
        if self.is_over or status == self.status:
            return
        self.status = status
        self.states.append(status)
        if status == "in-progress":
            self._answered_tick = self.exchange.tick()
        if status in OVER:
            self._ended_tick = self.exchange.tick()
            self.gone.set()
            self.finished.set()
        event = _EVENT.get(status, "completed")
        if self.callback and event in self.events:
            self._tell(self.form(**self._status_fields()))

    def _status_fields(self) -> dict[str, str]:
        fields = {"CallbackSource": "call-progress-events", "SequenceNumber": str(len(self.states) - 1)}
        fields["Timestamp"] = format_datetime(self.exchange.now())
        if self.status in OVER:
            fields |= {"CallDuration": str(self.duration), "Duration": str(-(-self.duration // 60))}
        return fields

    def _tell(self, form: list[tuple[str, str]]) -> None:
        faults = self.exchange.twilio.faults
        before = None if faults.is_shuffled else self._said

        async def tell() -> None:
            if before is not None:
                await asyncio.wait([before])
            for _ in range(1 + faults.duplicates):
                await faults.wait()
                self.told.append(await self.exchange.twilio.hook(self.callback, form))

        self._said = self.exchange.twilio.line.later(tell())

    def turn(self, document: Document) -> None:
        """Leave what is being done and do this instead."""
        self._turn = document
        self._turned.set()

    async def follow(self, document: Document | None) -> None:
        """Do what the document says, and what comes after it, until nothing is left or the person is gone."""
        while document is not None and not self.gone.is_set():
            document = await self._perform(document)

    async def _perform(self, document: Document) -> Document | None:
        from hotline.simulate.verbs import perform  # noqa: PLC0415 - verbs know legs

        work = asyncio.create_task(perform(self, document))
        waits = [asyncio.create_task(event.wait()) for event in (self.gone, self._turned)]
        try:
            await asyncio.wait([work, *waits], return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not self._turned.is_set():
                return work.result()
            turned, self._turn = self._turn, None
            self._turned.clear()
        except NoTwiMLError as error:
            self.note("error", str(error))
            return None
        else:
            return turned
        finally:
            for task in (work, *waits):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, NoTwiMLError):
                await work

    def beside(self, job: Coroutine[Any, Any, Any]) -> None:
        """Something that must be told though the person is gone."""

        async def quietly() -> None:
            with contextlib.suppress(NoTwiMLError):
                await job

        self.exchange.twilio.line.later(quietly())
