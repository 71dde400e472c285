"""Help: an agent asks for it with one key, a shift supervisor comes over or joins the talk; how soon is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from channels import calls, ends, phones, seats
from channels import voice_texts as texts
from channels.calls import Call
from channels.carrier import Later, NotSentError
from channels.phones import Script
from hotline import acts, city, clock, db, jobs
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id
from hotline.live import CHANNEL

NAME = "help"
"""The name under which the pages of shift supervisors hear that somebody asks."""
REASONS: dict[str, Say] = {
    "question": Say("拿不准怎么答", "unsure what to say"),
    "upset": Say("来电人情绪激动", "an upset caller"),
    "danger": Say("可能有危险", "somebody may be in danger"),
    "technical": Say("电话、电脑故障", "telephone or computer fails"),
    "other": Say("其他", "something else"),
}
OVER, JOINED, LISTENING = "over", "joined", "listening"
WAYS: dict[str, Say] = {
    OVER: Say("到座席旁", "came over"),
    JOINED: Say("加入通话", "joined the talk"),
    LISTENING: Say("旁听", "listened in"),
}
_COLUMNS = """h.id, h.person, p.name, h.reason, h.call, h.asked_at, h.way, b.name AS by_name, h.answered_by,
    h.answered_at, h.is_on_line FROM help_request h JOIN person p ON p.id = h.person
    LEFT JOIN person b ON b.id = h.answered_by WHERE h.ended_at IS NULL"""
_LOCKED = "SELECT person, call, answered_at, ended_at FROM help_request WHERE id = $1 FOR UPDATE"
_ANSWER = "UPDATE help_request SET way = $2, answered_by = $3, answered_at = $4 WHERE id = $1"
_UNANSWER = """
UPDATE help_request SET way = '', answered_by = NULL, answered_at = NULL
WHERE id = $1 AND answered_by = $2 AND ended_at IS NULL AND NOT is_on_line
"""
_END = """
UPDATE help_request SET ended_at = $2, ended_by = $3, is_on_line = false
WHERE id = $1 AND ended_at IS NULL RETURNING person
"""
_GONE = """
UPDATE help_request SET ended_at = $1, is_on_line = false
WHERE ended_at IS NULL AND person IN (SELECT person FROM seat WHERE state = 'offline') RETURNING person
"""
_FIGURES = """
SELECT count(*)::int AS n, count(answered_at)::int AS answered,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at))::float AS median
FROM help_request WHERE asked_at >= $1
"""
NOT_TALKING = Say("这位坐席没有在通话，请到座席旁。", "This agent is on no call; go over to the desk.")
NO_PHONE = Say("先在“坐席”页写您的话机号码，或到座席旁。", "Give your telephone on the page “Seat” first, or go over.")


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """One request that is not over. ``answered_at`` is when somebody said they come."""

    id: UUID
    person: UUID
    name: str
    reason: str
    call: UUID | None
    asked_at: datetime
    way: str
    by_name: str | None
    answered_by: UUID | None
    answered_at: datetime | None
    is_on_line: bool


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Requests since a moment: how many, how many were answered, and the median of seconds until then."""

    n: int
    answered: int
    median: float | None


async def ask(person: UUID, reason: str) -> None:
    """The agent needs help. Asked twice it is one request; 409 for who is offline, 422 for a strange reason."""
    if reason not in REASONS:
        raise invalid({"reason": Say("请选为什么需要帮助。", "Choose why you need help.")})
    async with db.atomic() as connection:
        seat = await seats.of(connection, person, lock=True)
        if seat.state == seats.OFFLINE:
            raise conflict("offline", "您离线了，先就绪再求助。", "You are off; get ready first.")
        await connection.execute(
            "INSERT INTO help_request (id, person, reason, call, asked_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (person) WHERE ended_at IS NULL DO NOTHING",
            new_id(), person, reason, seat.call, clock.now(),
        )  # fmt: skip
    await _tell(person)


async def open_ones(connection: db.Connection) -> list[Help]:
    """Who asks for help now: those that nobody answered first, the longest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} ORDER BY h.answered_at IS NOT NULL, h.asked_at")
    return [Help(**row) for row in rows]


async def of(connection: db.Connection, person: UUID) -> Help | None:
    """The person's own request that is not over."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} AND h.person = $1", person)
    return Help(**row) if row else None


async def figures(connection: db.Connection, since: datetime) -> Figures:
    """How many asked since, and how soon somebody came."""
    return Figures(**dict(await connection.fetchrow(_FIGURES, since)))


async def answer(actor: Actor, one: UUID, way: str) -> None:
    """The supervisor comes over, joins the talk or listens to it. 409 when it is answered or nothing can be joined.

    Joining puts caller and agent into a room, as a call of three, and rings the supervisor's own telephone. It is
    theirs and noted before that: the telephones of two who press at once do not both ring, and nobody hears a talk
    unnoted. 502 when the carrier does not do it: then the request stands as before.
    """
    if way not in WAYS:
        raise invalid({"way": Say("请选怎么帮。", "Choose how you help.")})
    async with db.atomic() as connection:
        person, asked = await _unanswered(connection, actor, one)
        joins = await _joins(connection, actor, asked) if way != OVER else None
        await connection.execute(_ANSWER, one, way, actor.id, clock.now())
        await acts.note(connection, actor, "help_given", f"person:{person}", {"way": way})
    try:
        if joins is not None:
            await _connect(*joins, one, way)
    except Refusal:
        async with db.atomic() as connection:
            await connection.execute(_UNANSWER, one, actor.id)
        raise
    finally:
        await _tell(person, actor.id)


async def _unanswered(connection: db.Connection, actor: Actor, one: UUID) -> tuple[UUID, UUID | None]:
    """Lock the request; whose it is, and its call, if it has one."""
    row = await connection.fetchrow(_LOCKED, one)
    if row is None:
        raise not_found()
    if row["ended_at"] or row["answered_at"]:
        raise conflict("answered", "已经有人去帮了，或不再需要。", "Somebody helps already, or it is over.")
    if row["person"] == actor.id:
        raise conflict("own", "不能应答自己的求助。", "Nobody answers their own request.")
    return row["person"], row["call"]


async def _joins(connection: db.Connection, actor: Actor, asked: UUID | None) -> tuple[phones.Phones, Call, str]:
    """The carrier, the talk as it was before it got its room, the supervisor's telephone. 409 without one of them."""
    carrier = phones.current()
    call = await calls.found(connection, asked, lock=True) if asked else None
    if carrier is None or call is None or call.state != calls.TALKING or call.provider_id is None:
        raise conflict("not_talking", *NOT_TALKING)
    own = await seats.of(connection, actor.id, lock=True)
    if not own.phone:
        raise conflict("no_phone", *NO_PHONE)
    if own.state in (seats.RINGING, seats.TALKING):
        raise conflict("seat_busy", "您正在通话，请先结束这一通。", "You are on a call; finish it first.")
    if own.state == seats.READY:
        await seats.move(connection, actor.id, seats.PAUSE, reason="helping")
    await connection.execute("UPDATE call SET room = $2 WHERE id = $1 AND room = ''", call.id, f"room-{call.id}")
    return carrier, call, own.number


async def _connect(carrier: phones.Phones, call: Call, number: str, one: UUID, way: str) -> None:
    try:
        if not call.room:
            await carrier.redirect(call.provider_id or "", "room", call.id)
        seconds = 2 * int(city.current().rule("voice.ring"))
        step = "help" if way == JOINED else "listen"
        await carrier.dial(number, step, call.id, seconds=seconds, more=str(one))
    except NotSentError as error:
        if isinstance(error, Later) and not call.room:
            async with db.atomic() as connection:
                await connection.execute("UPDATE call SET room = '' WHERE id = $1 AND state = 'talking'", call.id)
        say = Say("电话没能接进去，请到座席旁。", "The telephone could not be put through; go over to the desk.")
        raise Refusal(502, "not_joined", say) from None


async def joined(call_id: UUID, one: UUID, leg: str, *, is_muted: bool) -> Script:
    """The supervisor picked up: into the room with caller and agent, if they still speak."""
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id)
        if call.state != calls.TALKING or not call.room:
            return Script(says=(texts.GONE.zh,))
        await connection.execute(
            "UPDATE help_request SET leg = $2, is_on_line = true WHERE id = $1 AND ended_at IS NULL", one, leg
        )
    await _tell(call.agent)
    say = texts.LISTENING if is_muted else texts.HELPING
    return Script(says=(say.zh,), then=phones.ROOM, target=call.room, call=call_id, is_muted=is_muted)


async def told(one: UUID) -> bool:
    """The supervisor's leg is over: the help is, and a caller whom only they still spoke with. False: no help's leg."""
    async with db.atomic() as connection:
        row = await connection.fetchrow("SELECT person, call, answered_by FROM help_request WHERE id = $1", one)
        if row is None:
            return False
        was_on_line = await connection.fetchval(
            "UPDATE help_request h SET is_on_line = false FROM help_request b WHERE h.id = $1 AND b.id = h.id"
            " RETURNING b.is_on_line", one,
        )  # fmt: skip
        if was_on_line:
            await connection.execute(_END, one, clock.now(), row["answered_by"])
        call = await calls.found(connection, row["call"]) if row["call"] else None
        is_left = was_on_line and call is not None and call.state == calls.ENDED
        is_left = is_left and call is not None and not await ends.is_transferred(connection, call)
    if is_left and call and call.provider_id and (carrier := phones.current()):
        await carrier.hang_up(call.provider_id)
    await _tell(row["person"], row["answered_by"])
    return True


async def end(actor: Actor, one: UUID) -> None:
    """It is over, says the agent who asked or the one who came. 404 for another's."""
    async with db.atomic() as connection:
        row = await connection.fetchrow("SELECT person, answered_by FROM help_request WHERE id = $1 FOR UPDATE", one)
        if row is None or actor.id not in (row["person"], row["answered_by"]):
            raise not_found()
        await connection.execute(_END, one, clock.now(), actor.id)
    await _tell(row["person"], row["answered_by"])


async def sweep(connection: db.Connection) -> int:
    """Requests of people who went off meanwhile are over; how many."""
    return len(await connection.fetch(_GONE, clock.now()))


async def _tell(*people: UUID | None) -> None:
    await calls.tell(people)
    await jobs.publish(CHANNEL, NAME)
