"""Twilio's telephone exchange: who calls, which telephones ring and how they behave, what was recorded."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from hotline.simulate import twiml
from hotline.simulate.fixed import e164
from hotline.simulate.leg import INBOUND, OUTBOUND, Leg
from hotline.simulate.line import until
from hotline.simulate.rooms import Conference, Member, Recording, WaitingLine
from hotline.simulate.texts import new_sid
from hotline.simulate.twiml import NoTwiMLError

if TYPE_CHECKING:
    from hotline.simulate.twilio import Twilio


class Phone(msgspec.Struct, kw_only=True):
    """A telephone and how it behaves. Times are seconds of the call.

    Answers after ``answers_after``; None rings until somebody picks up (`Leg.pick_up`) or the caller gives up.
    ``instead`` is busy, failed or no-answer. On answering it presses ``presses``; hangs up after ``hangs_up_after``.
    """

    number: str
    answers_after: float | None = None
    instead: str = ""
    presses: str = ""
    hangs_up_after: float | None = None
    legs: list[Leg] = []

    @property
    def ringing(self) -> Leg | None:
        """The leg that rings on it now."""
        return next((leg for leg in self.legs if leg.status == "ringing"), None)

    @property
    def last(self) -> Leg:
        """The latest call to it. Raises IndexError where there was none."""
        return self.legs[-1]

    async def rings(self, seconds: float = 10.0) -> Leg:
        """Wait until it rings. Raises TimeoutError."""
        await until(lambda: self.ringing is not None, seconds)
        assert self.ringing is not None  # noqa: S101 - just waited for
        return self.ringing


class Exchange:
    """The voice side of the account."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio
        self.legs: dict[str, Leg] = {}
        self.phones: dict[str, Phone] = {}
        self.queues: dict[str, WaitingLine] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.manners: dict[str, Any] = {}
        """How telephones behave that nobody set up: see `Phone`."""
        self._being_recorded: dict[str, tuple[Leg, float, str]] = {}

    # ---- time, names

    @property
    def account(self) -> str:
        """The account's id."""
        return self.twilio.account.twilio_account

    @property
    def tempo(self) -> float:
        """Real seconds in a second of a call."""
        return self.twilio.tempo

    def now(self) -> datetime:
        """The moment."""
        return self.twilio.line.now()

    def tick(self) -> float:
        """Seconds of a clock that never jumps."""
        return self.twilio.tick()

    def since(self, began: float) -> int:
        """Whole seconds of call time since a tick."""
        return round((self.tick() - began) / (self.tempo or 1))

    def add(self, leg: Leg) -> None:
        """Remember a leg."""
        self.legs[leg.sid] = leg

    def queue(self, name: str) -> WaitingLine:
        """The queue of this name, made where there is none."""
        return self.queues.setdefault(name, WaitingLine(name))

    def conference(self, name: str) -> Conference:
        """The conference of this name, made where none is open."""
        return self.conferences.setdefault(name, Conference(name))

    def forget(self, room: Conference) -> None:
        """A conference is over; its name is free again."""
        self.conferences.pop(room.name, None)

    def position(self, member: Member) -> int:
        """A caller's place in the queue, from 1."""
        found = next((queue.members for queue in self.queues.values() if member in queue.members), [member])
        return found.index(member) + 1

    # ---- calls in

    def dial_in(self, caller: str, to: str = "12345", *, more: dict[str, str] | None = None) -> Leg:
        """A citizen dials one of the city's lines; the call goes on by itself until somebody hangs up."""
        leg = Leg(self, caller, to, INBOUND, callback=self.twilio.line.url(self.twilio.status_path))
        self.add(leg)
        self.twilio.line.later(self._answer_in(leg, more or {}))
        return leg

    async def _answer_in(self, leg: Leg, more: dict[str, str]) -> None:
        try:
            leg.becomes("ringing")
            url = self.twilio.line.url(self.twilio.voice_path)
            fetching = asyncio.create_task(leg.fetch(url, **more))
            await asyncio.wait([fetching, asyncio.ensure_future(leg.gone.wait())], return_when=asyncio.FIRST_COMPLETED)
            await leg.follow(await fetching)  # Twilio hears the answer out though the caller is gone
        except NoTwiMLError as error:
            leg.note("error", str(error))
            leg.becomes("in-progress")
        finally:
            self._end(leg)

    def _end(self, leg: Leg) -> None:
        leg.becomes("completed" if leg.status == "in-progress" else "canceled" if leg.gone.is_set() else "no-answer")
        found = self._being_recorded.pop(leg.sid, None)
        if found is not None:
            _, began, callback = found
            made = self.recorded(leg.sid, began, "StartCallRecordingAPI")
            if callback:
                self.tell_recording(leg, made, callback)

    # ---- calls out

    def dial_out(self, pairs: list[tuple[str, str]]) -> Leg | int:
        """The hotline has somebody called: on its way, or the code of the refusal."""
        form = dict(pairs)
        to = form.get("To", "")
        if not to:
            return 21201
        if not form.get("From"):
            return 21213
        if not (to.startswith("+") and to[1:].isdigit()):
            return 21211
        if not (form.get("Url") or form.get("Twiml")):
            return 21205
        events = tuple(word for name, value in pairs if name == "StatusCallbackEvent" for word in value.split())
        callback = form.get("StatusCallback", "")
        leg = Leg(self, form["From"], to, OUTBOUND, callback=callback, events=events or ("completed",))
        self.add(leg)
        if form.get("Record") == "true":
            self.record_call(leg, form.get("RecordingStatusCallback", ""))
        self.twilio.line.later(self._answer_out(leg, form))
        return leg

    async def _answer_out(self, leg: Leg, form: dict[str, str]) -> None:
        try:
            if await self.ring(leg, float(form.get("Timeout") or 60)) == "answered":
                await leg.follow(await self._programme(leg, form))
        except NoTwiMLError as error:
            leg.note("error", str(error))
        finally:
            self._end(leg)

    async def _programme(self, leg: Leg, form: dict[str, str]) -> twiml.Document:
        """What to do on a leg: the TwiML that was given with the request, or the answer of the address given."""
        if form.get("Twiml"):
            return twiml.read(form["Twiml"], self.twilio.line.public)
        return await leg.fetch(form["Url"], form.get("Method", "POST"))

    async def redirect(self, leg: Leg, form: dict[str, str]) -> None:
        """A live call is given something else to do."""
        leg.turn(await self._programme(leg, form))

    async def ring(self, leg: Leg, timeout: float) -> str:  # noqa: ASYNC109 - seconds of the call, not of the loop
        """Let the telephone at the end of a leg ring; answered, busy, failed, no-answer or canceled."""
        phone = self.phone(leg.to, keep=True)
        phone.legs.append(leg)
        leg.becomes("initiated")
        leg.becomes("ringing")
        leg.note("ring", leg.person)
        script = asyncio.create_task(self._behave(phone, leg))
        try:
            outcome = await asyncio.wait_for(asyncio.shield(leg.decision), max(timeout * self.tempo, 0.05))
        except TimeoutError:
            outcome = "no-answer"
            script.cancel()
        except asyncio.CancelledError:
            script.cancel()
            raise
        leg.becomes("in-progress" if outcome == "answered" else outcome)
        if outcome == "answered" and phone.presses:
            leg.press(phone.presses)
        return outcome

    async def _behave(self, phone: Phone, leg: Leg) -> None:
        if phone.instead == "no-answer":
            return
        if phone.instead:
            leg.refuse(phone.instead)
        elif phone.answers_after is not None:
            await leg.lasts(phone.answers_after)
            leg.pick_up()
            if phone.hangs_up_after is not None:
                await leg.lasts(phone.hangs_up_after)
                leg.hang_up()

    def phone(self, number: str, *, keep: bool = False, **given: Any) -> Phone:
        """The telephone of a number. Given anything new it behaves so from now on; ``keep`` only looks it up."""
        known = self.phones.get(e164(number))
        if known is None:
            known = self.phones[e164(number)] = Phone(number=number, **(given or self.manners))
        elif not keep:
            fresh = Phone(number=number, **given)
            known.answers_after, known.instead = fresh.answers_after, fresh.instead
            known.presses, known.hangs_up_after = fresh.presses, fresh.hangs_up_after
        return known

    # ---- recordings

    def record_call(self, leg: Leg, callback: str) -> None:
        """Record a leg from now until it ends."""
        self._being_recorded[leg.sid] = (leg, self.tick(), callback)

    def recorded(
        self, call_sid: str, began: float, source: str, *, channels: int = 1, conference: str = ""
    ) -> Recording:
        """A recording of what was said since a tick."""
        sid = new_sid("RE")
        made = Recording(
            sid=sid, call_sid=call_sid, seconds=max(1, self.since(began)), at=self.now(), source=source,
            channels=channels, conference_sid=conference, url=f"{self.twilio.base}/Recordings/{sid}",
        )  # fmt: skip
        self.recordings[sid] = made
        return made

    def tell_recording(self, leg: Leg, made: Recording, callback: str) -> None:
        """Tell the hotline that a recording is ready to be fetched."""
        form = [
            ("RecordingSource", made.source), ("RecordingSid", made.sid), ("RecordingUrl", made.url),
            ("RecordingStatus", "completed"), ("RecordingChannels", str(made.channels)), ("ErrorCode", "0"),
            ("CallSid", made.call_sid), ("RecordingStartTime", made.at.strftime("%a, %d %b %Y %H:%M:%S +0000")),
            ("AccountSid", self.account), ("RecordingDuration", str(made.seconds)), ("RecordingTrack", "both"),
        ]  # fmt: skip
        if made.conference_sid:
            form.append(("ConferenceSid", made.conference_sid))
        leg.exchange.twilio.line.later(self.twilio.hook(callback, form))
