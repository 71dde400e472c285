"""Offering calls to seats, and what a lost nudge or a silent provider left. PostgreSQL says who is offered which call.

Both jobs are safe twice and side by side: rows are taken with SKIP LOCKED, and an index forbids anybody two calls.
"""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from channels import bridge, callbacks, calls, ends, phones, seats, voice
from channels.calls import Call
from channels.carrier import NotSentError
from channels.seats import Seat
from hotline import city, clock, db, jobs

_NEXT = (
    f"SELECT {calls.COLUMNS} FROM call WHERE state = 'queued' ORDER BY queued_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_SEAT = """
SELECT person, state, reason, since, wrap_until, call, phone FROM seat
WHERE state = 'ready' AND phone IS NOT NULL AND EXISTS (SELECT FROM person p WHERE p.id = seat.person AND p.is_active)
ORDER BY since LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_STUCK = (
    f"SELECT {calls.COLUMNS} FROM call WHERE state <> 'ended' AND {{}}"
    " ORDER BY started_at LIMIT 100 FOR UPDATE SKIP LOCKED"
)
_LEFT = """
SELECT s.person FROM seat s JOIN person p ON p.id = s.person
WHERE NOT p.is_active AND s.state IN ('ready', 'pause') FOR UPDATE OF s SKIP LOCKED
"""
QUIET = 15.0
"""Seconds in which nothing is dialled after the carrier did not answer: no seat flickers, no caller loses a place."""
_quiet_until = 0.0
GREETED, LATE, LONGEST = timedelta(seconds=30), timedelta(seconds=20), timedelta(hours=4)
"""A greeting is over after so long, a ring so much after its time; a talk that never ends was lost on the way."""


async def ring() -> int:
    """Make the calls that people asked for, and offer waiting ones to who is ready longest; how many were offered."""
    if time.monotonic() < _quiet_until:
        return 0
    await bridge.place_all()
    offered = 0
    while phones.current() is not None and (pair := await _match()) is not None:
        if not await _dial(*pair):
            break  # the carrier is away: the sweep tries again, the callers keep their places
        offered += 1
    return offered


async def _match() -> tuple[UUID, Seat] | None:
    async with db.atomic() as connection:
        row = await connection.fetchrow(_NEXT)
        seat = await connection.fetchrow(_SEAT) if row else None
        if row is None or seat is None:
            return None
        one = Seat(**seat)
        await connection.execute(
            "UPDATE call SET state = 'offered', agent = $2, offered_at = $3, leg = NULL WHERE id = $1",
            row["id"], one.person, clock.now(),
        )  # fmt: skip
        await seats.move(connection, one.person, seats.RINGING, call=row["id"])
    await calls.tell([one.person])
    return row["id"], one


async def _dial(call_id: UUID, seat: Seat) -> bool:
    carrier = phones.current()
    if carrier is None:
        return False
    try:
        seconds = int(city.current().rule("voice.ring"))
        leg = await carrier.dial(seat.number, "agent", call_id, seconds=seconds, more=str(seat.person))
    except NotSentError as error:
        await _give_back(call_id, seat, is_phone=error.outcome == "never")
        return error.outcome == "never"
    async with db.atomic() as connection:
        kept = await connection.fetchval(
            "UPDATE call SET leg = coalesce(leg, $2) WHERE id = $1 AND agent = $3"
            " AND state IN ('offered', 'talking') RETURNING leg", call_id, leg, seat.person,
        )  # fmt: skip
    if kept is None:
        await carrier.hang_up(leg)  # the caller hung up while it was dialled: nobody else stops this ring
    return True


async def _give_back(call_id: UUID, seat: Seat, *, is_phone: bool) -> None:
    """The call keeps its place; a telephone that cannot be dialled pauses its seat, a carrier away pauses nobody."""
    global _quiet_until
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if call.state != calls.OFFERED or call.agent != seat.person:
            return
        await voice.not_picked_up(connection, call)
        if not is_phone:  # nothing rang: the seat stands as it stood, with its place in the row
            _quiet_until = time.monotonic() + QUIET
            await connection.execute("DELETE FROM seat_log WHERE call = $1 AND person = $2", call_id, seat.person)
            await connection.execute("DELETE FROM seat_log WHERE id = (SELECT max(id) FROM seat_log WHERE person = $1)"
                                     " AND reason = 'unanswered'", seat.person)  # fmt: skip
            await connection.execute(
                "UPDATE seat SET state = 'ready', reason = '', since = $2, call = NULL WHERE person = $1",
                seat.person, seat.since,
            )  # fmt: skip
    await calls.tell([seat.person])


async def sweep_calls() -> int:
    """Patience, rings and talks that nobody ended, wrap-ups that ran out, claims that lapsed; how many were moved."""
    now, rule = clock.now(), city.current().rule
    ring_time = timedelta(seconds=int(rule("voice.ring")))
    moved = await _each("state = 'greeting' AND started_at < $1", now - GREETED, _enqueue)
    moved += await _each("state = 'queued' AND queued_at < $1", now - voice.patience(), _miss)
    rung, lost = now - ring_time - LATE, now - ring_time - 3 * LATE
    moved += await _each("state = 'offered' AND direction = 'in' AND offered_at < $1", rung, _next_one)
    moved += await _each("state = 'offered' AND direction = 'out' AND offered_at < $1", lost, _lost)
    moved += await _each("state = 'talking' AND started_at < $1", now - LONGEST, _lost)
    async with db.atomic() as connection:
        moved += await callbacks.reopen_lapsed(connection)
        moved += await _wrapped(connection)
        moved += await _left(connection)
    if moved:
        await calls.tell()
        await jobs.nudge("ring")
    return moved


async def _each(where: str, edge: object, do: object) -> int:
    async with db.atomic() as connection:
        rows = [Call(**row) for row in await connection.fetch(_STUCK.format(where), edge)]
        legs = [await do(connection, call) for call in rows]  # type: ignore[operator] # one of the four below
    for leg, step, call in [one for one in legs if one]:
        await _tell_carrier(leg, step, call)
    await calls.tell([call.agent for call in rows if call.agent]) if rows else None
    return len(rows)


async def _tell_carrier(leg: str, step: str, call: UUID) -> None:
    carrier = phones.current()
    if carrier is None:
        return
    try:
        await (carrier.redirect(leg, step, call) if step else carrier.hang_up(leg))
    except NotSentError:
        return  # the leg is over, or ends by itself when its script asks next


async def _enqueue(connection: db.Connection, call: Call) -> tuple[str, str, UUID] | None:
    await voice.enqueue(connection, call)
    return None


async def _miss(connection: db.Connection, call: Call) -> tuple[str, str, UUID] | None:
    await voice.missed(connection, call)
    return (call.provider_id, "left", call.id) if call.provider_id else None


async def _next_one(connection: db.Connection, call: Call) -> tuple[str, str, UUID] | None:
    await voice.not_picked_up(connection, call)
    return (call.leg, "", call.id) if call.leg else None


async def _lost(connection: db.Connection, call: Call) -> tuple[str, str, UUID] | None:
    await ends.finish(connection, call, calls.ANSWERED if call.answered_at else calls.MISSED, "lost")
    return (call.leg, "", call.id) if call.leg else None


async def _wrapped(connection: db.Connection) -> int:
    """Who has an outcome and ran out of time is ready; who has none after the longest time pauses."""
    now = clock.now()
    most = timedelta(minutes=int(city.current().rule("voice.wrap_most")))
    rows = await connection.fetch(
        "SELECT s.person, s.call, c.settled, s.phone IS NOT NULL AS has_phone FROM seat s JOIN call c ON c.id = s.call"
        " WHERE s.state = 'wrap_up' AND ((s.wrap_until < $1 AND c.settled <> '') OR s.since < $2)"
        " FOR UPDATE OF s SKIP LOCKED", now, now - most,
    )  # fmt: skip
    for row in rows:
        await connection.execute("UPDATE call SET wrapped_at = $2 WHERE id = $1", row["call"], now)
        if row["settled"] and row["has_phone"]:
            await seats.move(connection, row["person"], seats.READY)
        else:
            await seats.move(connection, row["person"], seats.PAUSE, reason="overrun")
        await calls.tell([row["person"]])
    return len(rows)


async def _left(connection: db.Connection) -> int:
    """Who has left the house sits nowhere any more; a call under way ends first."""
    rows = await connection.fetch(_LEFT)
    for row in rows:
        await seats.move(connection, row["person"], seats.OFFLINE)
    return len(rows)
