"""<Dial>: one leg is joined with telephones, with whoever waits in a queue, or with a conference."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from hotline.simulate import twiml
from hotline.simulate.leg import DIALLED, Leg
from hotline.simulate.rooms import Conference
from hotline.simulate.twiml import Document


async def dial(leg: Leg, verb: Element, document: Document) -> Document | None:
    """Join, wait until it is over, tell the action how it went; what that answers comes next."""
    inside = {child.tag for child in verb}
    began = leg.exchange.tick()
    if "Queue" in inside:
        fields = await _queue(leg, verb, document)
    elif "Conference" in inside:
        fields = await _conference(leg, verb, document)
    else:
        fields = await _numbers(leg, verb, document)
    if fields["DialCallStatus"] == "completed":
        fields["DialCallDuration"] = str(leg.exchange.since(began))
    if not verb.get("action"):
        return None
    return await leg.fetch(document.action(verb), verb.get("method", "POST"), **fields)


async def _numbers(leg: Leg, verb: Element, document: Document) -> dict[str, str]:
    """Ring the telephones; the first to answer is joined, the others stop ringing."""
    targets = [child for child in verb if child.tag in {"Number", "Client", "Sip"}]
    if not targets:
        targets = [Element("Number")]
        targets[0].text = verb.text
    caller = verb.get("callerId") or leg.caller
    legs = [_leg_to(leg, target, document, caller) for target in targets]
    timeout = twiml.seconds(verb, "timeout", 30)
    rings = [asyncio.create_task(one.exchange.ring(one, timeout)) for one in legs]
    try:
        winner = await _first(legs, rings)
        if winner is None:
            return {"DialCallStatus": legs[-1].status, "DialCallSid": legs[-1].sid}
        _stop(legs, rings, but=winner)
        return await _talk(leg, winner, targets[legs.index(winner)], verb, document)
    finally:
        _stop(legs, rings)


def _leg_to(leg: Leg, target: Element, document: Document, caller: str) -> Leg:
    callback = target.get("statusCallback") or ""
    events = tuple((target.get("statusCallbackEvent") or "completed").split())
    child = Leg(
        leg.exchange, caller, (target.text or "").strip(), DIALLED, parent=leg.sid,
        callback=urljoin(document.url, callback) if callback else "", events=events,
    )  # fmt: skip
    leg.exchange.add(child)
    return child


async def _first(legs: list[Leg], rings: list[asyncio.Task[str]]) -> Leg | None:
    waiting = set(rings)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for ring in done:
            if ring.result() == "answered":
                return legs[rings.index(ring)]
    return None


def _stop(legs: list[Leg], rings: list[asyncio.Task[str]], but: Leg | None = None) -> None:
    for one, ring in zip(legs, rings, strict=True):
        if one is not but:
            ring.cancel()
            one.becomes("completed" if one.status == "in-progress" else "canceled")


async def _talk(leg: Leg, other: Leg, target: Element, verb: Element, document: Document) -> dict[str, str]:
    whisper = target.get("url")
    fields = {"DialCallSid": other.sid, "DialCallStatus": "completed", "DialBridged": "true"}
    if whisper:
        await other.follow(await other.fetch(urljoin(document.url, whisper), target.get("method", "POST")))
        if other.gone.is_set():
            return {**fields, "DialBridged": "false"}
    leg.note("talk", other.person)
    other.note("talk", leg.person)
    began = leg.exchange.tick()
    try:
        await other.gone.wait()
        other.becomes("completed")
    finally:
        recorded = _record(leg, verb, document, began)
    return fields | recorded


def _record(leg: Leg, verb: Element, document: Document, began: float) -> dict[str, str]:
    if not (verb.get("record") or "").startswith("record"):
        return {}
    channels = 2 if "dual" in verb.get("record", "") else 1
    made = leg.exchange.recorded(leg.sid, began, "DialVerb", channels=channels)
    callback = verb.get("recordingStatusCallback")
    if callback:
        leg.exchange.tell_recording(leg, made, urljoin(document.url, callback))
    return {"RecordingUrl": made.url, "RecordingSid": made.sid, "RecordingDuration": str(made.seconds)}


async def _queue(leg: Leg, verb: Element, document: Document) -> dict[str, str]:
    """Take whoever waits longest; where nobody waits, wait for somebody a while."""
    target = next(child for child in verb if child.tag == "Queue")
    queue = leg.exchange.queue((target.text or "").strip())
    member = await queue.first(twiml.seconds(verb, "timeout", 30) * leg.exchange.tempo)
    if member is None:
        return {"DialCallStatus": "no-answer", "DialQueueSid": queue.sid}
    caller = member.leg
    began = leg.exchange.tick()
    try:
        if target.get("url"):
            about = {"QueueSid": queue.sid, "QueueTime": str(leg.exchange.since(member.since))}
            told = await caller.fetch(
                urljoin(document.url, target.get("url", "")), "POST", DequeingCallSid=leg.sid, **about
            )
            await caller.follow(told)
        if not member.taken.done():
            member.taken.set_result(leg)
        leg.note("talk", caller.person)
        await asyncio.wait([asyncio.ensure_future(member.over.wait())])
    finally:
        member.over.set()
        recorded = _record(leg, verb, document, began)
    return {"DialCallStatus": "completed", "DialCallSid": caller.sid, "DialBridged": "true", **recorded}


async def _conference(leg: Leg, verb: Element, document: Document) -> dict[str, str]:
    target = next(child for child in verb if child.tag == "Conference")
    room = leg.exchange.conference((target.text or "").strip())
    _furnish(room, target, document)
    await enter(leg, room, starts=target.get("startConferenceOnEnter") != "false",
                ends=target.get("endConferenceOnExit") == "true")  # fmt: skip
    return {"DialCallStatus": "completed", "ConferenceSid": room.sid}


def _furnish(room: Conference, target: Element, document: Document) -> None:
    """The first who names a callback or wants a recording decides for the room."""
    if target.get("statusCallback") and not room.callback:
        room.callback = urljoin(document.url, target.get("statusCallback", ""))
        room.events = tuple((target.get("statusCallbackEvent") or "").split())
    if (target.get("record") or "").startswith("record") and not room.is_recorded:
        room.is_recorded = True
        callback = target.get("recordingStatusCallback")
        room.recording_callback = urljoin(document.url, callback) if callback else ""


async def enter(leg: Leg, room: Conference, *, starts: bool, ends: bool) -> None:
    """Be in the conference until it is over; who goes earlier is cancelled out of it."""
    room.legs.append(leg)
    leg.note("talk", room.name)
    if starts and not room.has_started:
        room.has_started, room.began = True, leg.exchange.tick()
        _tell(leg, room, "start", "conference-start")
    _tell(leg, room, "join", "participant-join")
    try:
        await room.over.wait()
    finally:
        room.legs.remove(leg)
        _tell(leg, room, "leave", "participant-leave")
        if (ends or not room.legs) and not room.over.is_set():
            close(leg, room)


def close(leg: Leg, room: Conference) -> None:
    """The conference is over for everybody in it."""
    room.over.set()
    leg.exchange.forget(room)
    _tell(leg, room, "end", "conference-end")
    if room.is_recorded:
        made = leg.exchange.recorded(leg.sid, room.began, "Conference", conference=room.sid)
        if room.recording_callback:
            leg.exchange.tell_recording(leg, made, room.recording_callback)


def _tell(leg: Leg, room: Conference, event: str, name: str) -> None:
    if not room.callback or event not in room.events:
        return
    room.sequence += 1
    form = [
        ("AccountSid", leg.exchange.account), ("ConferenceSid", room.sid), ("FriendlyName", room.name),
        ("StatusCallbackEvent", name), ("SequenceNumber", str(room.sequence)), ("CallSid", leg.sid),
    ]  # fmt: skip
    leg.exchange.twilio.line.later(leg.exchange.twilio.hook(room.callback, form))
