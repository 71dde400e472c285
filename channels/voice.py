"""The path of a call that comes in, as verbs of the port: each answers with the script that the leg follows next.

No HTTP and no provider's words. Every verb is safe twice: what was told before changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import (
    barred,
    bridge,
    callbacks,
    calls,
    ends,
    grading,
    opening,
    phones,
    refused,
    seats,
    spool,
    surge,
)  # fmt: skip
from channels import voice_texts as texts
from channels.calls import Call
from channels.phones import Script
from hotline import city, clock, db, jobs, masks
from hotline.city import Line
from hotline.errors import Refusal, Say, conflict

ENDS: Mapping[str, str] = {"completed": "", "busy": "busy", "no-answer": "no-answer", "failed": "failed",
                           "canceled": "canceled"}  # fmt: skip
"""The provider's words for a leg that is over. Everything else (queued, initiated, ringing) changes nothing."""

KIND = "missed_call"
"""How a caller waits in the spool while PostgreSQL is away."""
TOLD = "leg_told"
"""And how the end of a leg does."""


class Arriving(msgspec.Struct, frozen=True, kw_only=True):
    """A call as the provider announces it."""

    provider_id: str
    caller: str
    dialled: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A leg's status as ``told`` takes it, for the spool."""

    provider_id: str
    status: str
    call: UUID | None = None
    person: UUID | None = None


def line_of(dialled: str) -> Line | None:
    """The line that a dialled number means: its own number or one it had before, with or without +86 and area code."""
    number = masks.normal_phone(dialled).lstrip("+")
    area = str(city.current().rule("voice.area"))
    for head in ("", area, area.lstrip("0"), "86" + area.lstrip("0"), "86"):
        rest = number.removeprefix(head)
        if number.startswith(head) and (line := city.current().line(rest)) is not None:
            return line
    return None


async def arrived(call: Arriving) -> Script:
    """A call comes in: greeted and into the one queue, or told why not. Told twice, answered twice alike."""
    line = line_of(call.dialled)
    why = _refused(line, clock.now())
    async with db.reading() as connection:
        row = await calls.by_provider(connection, call.provider_id)
        bar = await refused.is_refused(connection, call.caller) if row is None and why is None else None
        surging = await surge.current(connection) if why is None else None
    if row is None:
        row = await _store(call, line, is_refused=why is not None, bar=bar)
        await calls.tell()
    if row is not None and row.outcome == calls.BARRED:
        return await barred.script(row.id)
    if row is not None and row.outcome in (None, calls.ABANDONED, calls.ANSWERED) and line is not None:
        if row.state == calls.ENDED:
            return Script()
        first = (surging.greeting_zh,) if surging is not None else ()
        return Script(says=(texts.RECORDED.zh, *first, line.greeting_zh), then=phones.QUEUE, call=row.id)
    return Script(says=(why.zh if why else texts.AWAY.zh,))


async def _store(call: Arriving, line: Line | None, *, is_refused: bool, bar: refused.Bar | None = None) -> Call | None:
    """The call's row, whoever of two at once wrote it."""
    outcome = None if not is_refused else (calls.REFUSED if line is None else calls.CLOSED)
    outcome = calls.BARRED if bar is not None else outcome
    async with db.atomic() as connection:
        one = await calls.add(
            connection, provider_id=call.provider_id, direction=calls.IN, purpose="call", number=call.caller,
            line=line.number if line else "", dialled=call.dialled[:20],
            state=calls.ENDED if outcome else calls.GREETING, outcome=outcome,
        )  # fmt: skip
        if bar is not None:
            await connection.execute("UPDATE call SET refused = $2 WHERE id = $1", one, bar.id)
        return await calls.by_provider(connection, call.provider_id)


def _refused(line: Line | None, now: datetime) -> Say | None:
    """What a caller hears who cannot be put into the queue; None for one who can."""
    if line is None:
        return texts.UNKNOWN
    name, hours = line.name, opening.said(line)
    if line.phase == "retired" and line.farewell_zh:
        return Say(line.farewell_zh, line.farewell_en or line.farewell_zh)
    say = {"planned": texts.PLANNED, "retired": texts.RETIRED}.get(line.phase)
    if say is None and not opening.is_open(line, now):
        say = texts.CLOSED
    if say is None:
        return None
    return Say(say.zh.format(line=name.zh, hours=hours.zh), say.en.format(line=name.en, hours=hours.en))


async def waiting(call_id: UUID) -> Script:
    """The caller stands in the queue and hears where; the first time the clock starts and the seats are rung."""
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        is_first = call.state == calls.GREETING
        if is_first:
            await enqueue(connection, call)
        elif call.state == calls.QUEUED and call.queued_at and call.queued_at < clock.now() - patience():
            await missed(connection, call)  # the sweep does it sooner; nobody waits for ever while the worker is away
            return Script(then=phones.LEAVE, call=call.id)
        ahead = await connection.fetchval(
            "SELECT count(*) FROM call WHERE state = 'queued' AND queued_at < $1 AND id <> $2",
            call.queued_at or clock.now(), call.id,
        )  # fmt: skip
        say = await surge.place(connection, ahead)
    if is_first:
        await calls.tell()
        await jobs.nudge("ring")
    if call.state == calls.ENDED:
        return Script(then=phones.LEAVE, call=call.id)
    return Script(says=(say,), then=phones.WAIT, call=call.id)


def patience() -> timedelta:
    """How long a caller is let wait (rule ``voice.patience``)."""
    return timedelta(seconds=int(city.current().rule("voice.patience")))


async def missed(connection: db.Connection, call: Call) -> None:
    """The wait is over in vain: somebody calls back. In the caller's transaction."""
    await ends.finish(connection, call, calls.MISSED, "")
    await callbacks.make(connection, call, "missed")


async def enqueue(connection: db.Connection, call: Call) -> None:
    """From now on the seconds to answer count."""
    await connection.execute(
        "UPDATE call SET state = 'queued', queued_at = coalesce(queued_at, $2) WHERE id = $1 AND state = 'greeting'",
        call.id, clock.now(),
    )  # fmt: skip


async def left(call_id: UUID, result: str = "") -> Script:
    """The caller is out of the queue: bridged and done, told to leave it, on to another script, or gone.

    ``result`` is how the wait ended: hangup, leave, bridged, redirected, or "" when the leg was sent here.
    """
    async with db.reading() as connection:
        call = await calls.found(connection, call_id)
    if result == "redirected":
        return Script()  # it follows what it was redirected to; nobody hears this
    if call.room:
        return await into_room(call_id)
    if call.outcome == calls.MISSED:
        return Script(says=(texts.MISSED.zh if call.caller else texts.MISSED_NOBODY.zh,))
    await ended(call_id, "completed")
    asked = await grading.offer(call)
    return asked or Script(says=(texts.GOODBYE.zh,) if call.answered_at else ())


async def into_room(call_id: UUID) -> Script:
    """The caller was moved into the room of three, whatever became of the answer that told us so."""
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        room = call.room or f"room-{call_id}"
        await connection.execute("UPDATE call SET room = $2 WHERE id = $1", call_id, room)
    return Script(then=phones.ROOM, target=room, call=call_id, is_recorded=True, ends_room=True)


async def picked_up(call_id: UUID, leg: str, person: UUID | None = None) -> Script:
    """The agent's telephone was picked up: they hear the line, then speak with the caller, who may have gone.

    ``person`` is whose telephone was dialled: one that was given up may still be picked up in the same moment.
    """
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        is_theirs = call.leg in (leg, None) and person in (call.agent, None)
        is_theirs = is_theirs and call.state in (calls.OFFERED, calls.TALKING)
        if is_theirs and call.state == calls.OFFERED and call.agent is not None:
            await connection.execute(
                "UPDATE call SET state = 'talking', answered_at = $2, leg = $3 WHERE id = $1", call_id, clock.now(), leg
            )
            await seats.move(connection, call.agent, seats.TALKING, call=call_id)
            await callbacks.called_again(connection, call)
    if not is_theirs:
        return Script(says=(texts.GONE.zh,))
    await calls.tell([call.agent])
    line = city.current().line(call.line)
    says = texts.INCOMING.zh.format(line=line.name_zh if line else call.line)
    return Script(says=(says,), then=phones.BRIDGE, call=call_id, is_recorded=True)


async def bridged(call_id: UUID) -> Script:
    """The agent's leg comes out of the talk: into the room of three, or the call is over for them."""
    async with db.reading() as connection:
        call = await calls.found(connection, call_id)
    if call.room:
        return Script(then=phones.ROOM, target=call.room, call=call.id)
    return Script()


async def told(provider_id: str, status: str, call_id: UUID | None = None, person: UUID | None = None) -> None:
    """A leg's status, in whatever order it comes: only an end does something, and only once.

    ``call_id`` and ``person``: for which call and on whose telephone the leg was dialled, if it is one of ours.
    It is noted as told when it is done: what broke off in the middle is told again, and must find nothing noted.
    """
    async with db.atomic() as connection:
        if await calls.was_told(connection, provider_id, status):
            return
        call = await calls.by_provider(connection, provider_id)
        if call is None and call_id is not None:
            call = await _adopt(connection, provider_id, call_id, person)
    if call is not None and status in ENDS:
        if provider_id == call.provider_id:
            await ended(call.id, status)
        else:
            await leg_ended(call.id, provider_id, status)
    async with db.atomic() as connection:
        await calls.is_news(connection, provider_id, status, call.id if call else None)


async def _adopt(connection: db.Connection, leg: str, call_id: UUID, person: UUID | None) -> Call | None:
    """A leg's news may overtake the answer that told us its id: it belongs to the call that has no leg yet."""
    try:
        call = await calls.found(connection, call_id, lock=True)
    except Refusal:
        return None
    if call.leg is not None or person not in (call.agent, None):
        return None  # an earlier agent's leg, long given up
    await connection.execute("UPDATE call SET leg = $2 WHERE id = $1", call_id, leg)
    return msgspec.structs.replace(call, leg=leg)


async def ended(call_id: UUID, status: str) -> None:
    """The caller's leg is over: talked to, or gone before anybody answered, which makes a call-back task."""
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if call.state == calls.ENDED:
            return
        outcome = calls.ABANDONED if not call.answered_at else calls.ANSWERED
        outcome = calls.TRANSFERRED if await ends.is_transferred(connection, call) else outcome
        await ends.finish(connection, call, outcome, status)
        if outcome == calls.ABANDONED and call.direction == calls.IN:
            await callbacks.make(connection, call, "abandoned")
    if call.state == calls.OFFERED and call.leg and (carrier := phones.current()):
        await carrier.hang_up(call.leg)
    await calls.tell([call.agent])
    await jobs.nudge("ring")


async def leg_ended(call_id: UUID, leg: str | None, status: str) -> None:
    """The desk telephone's leg is over: not picked up sends the call to the next one, a talk that ended is over.

    In a room of three the caller stays with the other one: only the agent is free.
    """
    over: str | None = None
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if call.leg != leg or call.state == calls.ENDED:
            return
        if call.state == calls.OFFERED and call.direction == calls.IN:
            await not_picked_up(connection, call)
        else:
            outcome = calls.ANSWERED if call.answered_at else calls.MISSED
            outcome = calls.TRANSFERRED if await ends.is_transferred(connection, call) else outcome
            over = None if await ends.goes_on(connection, call) else call.provider_id
            await ends.finish(connection, call, outcome, status)
    if over and (carrier := phones.current()):
        await carrier.hang_up(over)
    if call.direction == calls.OUT and call.answered_at is not None:
        await bridge.contacted(call)  # whoever hung up first: they spoke
    await calls.tell([call.agent])
    await jobs.nudge("ring")


async def hang_up(person: UUID) -> None:
    """The agent says that the call is over: both legs end, whatever the carrier told or forgot. 409 without a call.

    The way out of a talk whose end was lost on the way. A ring that comes in is not picked up, no more.
    """
    async with db.reading() as connection:
        seat = await seats.of(connection, person)
        call = await calls.found(connection, seat.call) if seat.call else None
    is_own = call is not None and call.agent == person and seat.state in (seats.RINGING, seats.TALKING)
    if call is None or not is_own or (call.state, call.direction) == (calls.OFFERED, calls.IN):
        raise conflict("no_call", "现在没有通话可结束。", "There is no call to end.")
    await leg_ended(call.id, call.leg, "hung_up")
    if call.leg and (carrier := phones.current()):
        await carrier.hang_up(call.leg)


async def not_picked_up(connection: db.Connection, call: Call) -> None:
    """Back to its old place in the queue; the seat pauses, or the same telephone would ring for ever."""
    await connection.execute(
        "UPDATE call SET state = 'queued', agent = NULL, offered_at = NULL, leg = NULL WHERE id = $1", call.id
    )
    if call.agent is not None:
        await seats.move(connection, call.agent, seats.PAUSE, reason="unanswered")


async def missed_while_away(payload: bytes, at: datetime) -> None:
    """A call that came while PostgreSQL was away, from the spool: it becomes a call-back task. Safe twice."""
    told_then = msgspec.json.decode(payload, type=Arriving)
    line = line_of(told_then.dialled)
    with clock.at(at):
        async with db.atomic() as connection:
            one = await calls.add(
                connection, provider_id=told_then.provider_id, direction=calls.IN, purpose="call",
                number=told_then.caller, line=line.number if line else "", dialled=told_then.dialled[:20],
                state=calls.ENDED, outcome=calls.MISSED,
            )  # fmt: skip
            call = await calls.by_provider(connection, told_then.provider_id)
            if call is not None and call.id == one:
                await callbacks.make(connection, call, "away")


async def told_while_away(payload: bytes, at: datetime) -> None:
    """A leg that ended while PostgreSQL was away, from the spool. Safe twice."""
    one = msgspec.json.decode(payload, type=Told)
    with clock.at(at):
        await told(one.provider_id, one.status, one.call, one.person)


spool.HANDLERS[KIND] = missed_while_away
spool.HANDLERS[TOLD] = told_while_away
