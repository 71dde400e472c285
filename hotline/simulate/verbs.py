"""What a leg does for each verb of TwiML. A verb gives the document that follows it, or None: the next verb."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from hotline.simulate import dial, twiml
from hotline.simulate.leg import Leg
from hotline.simulate.rooms import Member
from hotline.simulate.twiml import Document, NoTwiMLError

_BREATH = 0.05
"""Real seconds between two rounds of waiting music: a document without a pause must not spin."""


class HangUp(Exception):  # noqa: N818 - an order, not an error
    """<Hangup>, or <Reject> with its reason: this leg is done."""


class Leave(Exception):  # noqa: N818 - the same
    """<Leave>: out of the queue, on with the next verb."""


async def perform(leg: Leg, document: Document) -> Document | None:
    """Do the verbs of a document in order; the document that follows, or None when the call is at its end."""
    try:
        for verb in document.verbs:
            do = VERBS.get(verb.tag)
            if do is None:
                raise NoTwiMLError(f"<{verb.tag}> is no verb of TwiML that is known here")
            if leg.status in {"queued", "ringing"} and verb.tag not in {"Reject", "Redirect"}:
                leg.becomes("in-progress")
            then = await do(leg, verb, document)
            if then is not None:
                return then
    except HangUp:
        return None
    if leg.status in {"queued", "ringing"}:
        leg.becomes("in-progress")
    return None


async def _say(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    words = "".join(verb.itertext()).strip()
    leg.note("say", words)
    await leg.lasts(len(words) / 6)


async def _play(leg: Leg, verb: Element, document: Document) -> None:
    digits = verb.get("digits")
    leg.note("play", digits or urljoin(document.url, (verb.text or "").strip()))
    await leg.lasts(2)


async def _pause(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    await leg.lasts(twiml.seconds(verb, "length", 1))


async def _gather(leg: Leg, verb: Element, document: Document) -> Document | None:
    """Keys count while its own words are still being said; they end the saying."""
    leg.note("gather", verb.get("numDigits") or verb.get("finishOnKey") or "#")
    saying = asyncio.create_task(_inside(leg, verb, document))
    try:
        digits = await _digits(leg, verb, saying)
    finally:
        saying.cancel()
    if digits or verb.get("actionOnEmptyResult") == "true":
        return await leg.fetch(document.action(verb), verb.get("method", "POST"), Digits=digits, FinishedOnKey="")
    return None


async def _inside(leg: Leg, verb: Element, document: Document) -> None:
    for child in verb:
        if child.tag in {"Say", "Play", "Pause"}:
            await VERBS[child.tag](leg, child, document)


async def _digits(leg: Leg, verb: Element, saying: asyncio.Task[None]) -> str:
    digits, most = "", int(verb.get("numDigits") or 99)
    stop = verb.get("finishOnKey", "#")
    patience = max(twiml.seconds(verb, "timeout", 5) * leg.exchange.tempo, 0.02)
    while len(digits) < most:
        key = asyncio.create_task(leg.keys.get())
        try:
            await asyncio.wait([key, saying], return_when=asyncio.FIRST_COMPLETED)
            found = await asyncio.wait_for(key, patience)
        except TimeoutError:
            break
        finally:
            key.cancel()
        if found == stop:
            break
        digits += found
    return digits


async def _enqueue(leg: Leg, verb: Element, document: Document) -> Document | None:
    queue = leg.exchange.queue("".join(verb.itertext()).strip() or "default")
    member = Member(leg, leg.exchange.tick())
    leg.note("queue", queue.name)
    fields = {"QueueSid": queue.sid, "QueueResult": "hangup"}
    await queue.join(member)
    wait_url = document.action(verb, "waitUrl") if verb.get("waitUrl") else ""
    music = asyncio.create_task(_wait_in_queue(leg, queue.sid, wait_url, verb.get("waitUrlMethod", "POST"), member))
    try:
        ends: list[asyncio.Future[Any]] = [member.taken, music]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        fields["QueueResult"] = await _dequeued(leg, member, music)
    except asyncio.CancelledError:
        if not leg.gone.is_set():
            fields["QueueResult"] = "redirected"
        fields["QueueTime"] = str(leg.exchange.since(member.since))
        if verb.get("action"):
            leg.beside(leg.fetch(document.action(verb), verb.get("method", "POST"), **fields))
        raise
    finally:
        queue.leave(member)
        music.cancel()
        member.over.set()
    if not verb.get("action"):
        return None
    fields["QueueTime"] = str(leg.exchange.since(member.since))
    return await leg.fetch(document.action(verb), verb.get("method", "POST"), **fields)


async def _dequeued(leg: Leg, member: Member, music: asyncio.Task[str]) -> str:
    """How the wait ended, after the talk that it led to."""
    if not member.taken.done():
        return music.result()
    music.cancel()
    other = member.taken.result()
    if other is not None:
        leg.note("talk", other.person)
    await member.over.wait()
    return "bridged"


async def _wait_in_queue(leg: Leg, queue_sid: str, url: str, method: str, member: Member) -> str:
    """Waiting music, round and round; ends only by <Leave>, or by a document that hangs up."""
    document = None
    while True:
        began = leg.exchange.tick()
        if url:
            position = {"QueuePosition": str(leg.exchange.position(member)), "QueueSid": queue_sid}
            position["QueueTime"] = str(leg.exchange.since(member.since))
            document = document or await leg.fetch(url, method, **position)
            try:
                document = await perform(leg, document)
            except Leave:
                return "leave"
        await asyncio.sleep(max(_BREATH - (leg.exchange.tick() - began), 0) or (0 if url else 1))


async def _redirect(leg: Leg, verb: Element, document: Document) -> Document:
    return await leg.fetch(urljoin(document.url, (verb.text or "").strip()), verb.get("method", "POST"))


async def _record(leg: Leg, verb: Element, document: Document) -> Document | None:
    leg.note("record")
    began, digits = leg.exchange.tick(), ""
    patience = twiml.seconds(verb, "timeout", 5) + 2
    try:
        digits = await asyncio.wait_for(leg.keys.get(), patience * leg.exchange.tempo)
    except TimeoutError:
        pass
    except asyncio.CancelledError:
        digits = "hangup"
        leg.beside(_recorded(leg, verb, document, began, digits))
        raise
    return await _recorded(leg, verb, document, began, digits)


async def _recorded(leg: Leg, verb: Element, document: Document, began: float, digits: str) -> Document | None:
    made = leg.exchange.recorded(leg.sid, began, "RecordVerb")
    callback = verb.get("recordingStatusCallback")
    if callback:
        leg.exchange.tell_recording(leg, made, urljoin(document.url, callback))
    fields = {"RecordingUrl": made.url, "RecordingSid": made.sid, "RecordingDuration": str(made.seconds)}
    then = await leg.fetch(document.action(verb), verb.get("method", "POST"), Digits=digits, **fields)
    return None if digits == "hangup" else then


async def _start(leg: Leg, verb: Element, document: Document) -> None:
    """<Start><Recording/></Start>: the whole call from here on."""
    for child in verb:
        if child.tag == "Recording":
            leg.exchange.record_call(leg, urljoin(document.url, child.get("recordingStatusCallback") or ""))


async def _hangup(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    raise HangUp


async def _reject(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    leg.becomes("busy" if verb.get("reason") == "busy" else "no-answer")
    raise HangUp


async def _leave(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    raise Leave


async def _sms(leg: Leg, verb: Element, document: Document) -> None:  # noqa: ARG001 - a verb's signature
    to = verb.get("to") or leg.caller
    leg.exchange.twilio.texts.accept({"To": to, "From": leg.to, "Body": "".join(verb.itertext()).strip()})


Verb = Callable[[Leg, Element, Document], Awaitable[Document | None]]
VERBS: dict[str, Verb] = {
    "Say": _say, "Play": _play, "Pause": _pause, "Gather": _gather, "Enqueue": _enqueue, "Dial": dial.dial,
    "Redirect": _redirect, "Record": _record, "Start": _start, "Hangup": _hangup, "Reject": _reject,
    "Leave": _leave, "Sms": _sms,
}  # fmt: skip
