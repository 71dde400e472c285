"""Transfers to 110, 119, 120, 122 and to partners: at once, with a record, never an item of the queue (seed 004-03)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import calls, emergency, ends, phones, seats
from channels import voice_texts as texts
from channels.calls import Call
from channels.carrier import Later, NotSentError
from channels.phones import Script
from hotline import acts, city, clock, db, settings
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.ids import new_id

EMERGENCIES = emergency.NUMBERS
ONE_WAY, THREE_WAY = "one_way", "three_way"
KINDS: dict[str, Say] = {ONE_WAY: Say("转接", "transferred"), THREE_WAY: Say("三方通话", "three-way call")}
NO_CALL = Say("现在没有通话可转，请用其他电话拨打。", "There is no call to transfer; use another telephone.")
_TALKING = f"SELECT {calls.COLUMNS} FROM call WHERE agent = $1 AND state = 'talking' AND direction = 'in' FOR UPDATE"
_NOTE = "INSERT INTO transfer_record (id, call, target, kind, agent, at, is_told) VALUES ($1, $2, $3, $4, $5, $6, $7)"

_SAME = """
SELECT id FROM transfer_record
WHERE agent = $1 AND target = $2 AND kind = $3 AND at > $4 AND call IS NOT NULL AND code IN ('', 'answered')
"""
TWICE = timedelta(seconds=10)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer as the floor page lists it."""

    target: str
    kind: str
    at: datetime
    code: str
    name: str
    line: str


async def record(
    connection: db.Connection, actor: Actor, *, target: str, kind: str = ONE_WAY, call: UUID | None = None,
    is_told: bool = True,
) -> UUID:  # fmt: skip
    """The record of a transfer, in the caller's transaction; also for one that was made without a call of ours."""
    one = new_id()
    await connection.execute(_NOTE, one, call, target, kind, actor.id if actor.is_staff else None, clock.now(), is_told)
    told_of = f"call:{call}" if call else ""
    await acts.note(connection, actor, "call_transferred", told_of, {"target": target, "kind": kind})
    return one


def is_target(target: str) -> bool:
    """Whether a call may be transferred there: an emergency number, or another one that is not ours to answer."""
    known = city.current().related_numbers.get(target)
    return target in EMERGENCIES or (known is not None and known.treatment != "MERGED")


async def transfer(actor: Actor, target: str, kind: str) -> UUID:
    """Transfer the call that the actor is speaking with; the record. 409 without such a call, 422 for a strange target.

    One way: the caller is with the other at once, and the agent wraps up. Three ways: the agent stays in the room.
    """
    if kind not in KINDS or not is_target(target):
        raise invalid({"target": Say("请选转到哪里。", "Choose where to transfer to.")})
    carrier = phones.current()
    async with db.atomic() as connection:
        row = await connection.fetchrow(_TALKING, actor.id)
        if (same := await just_made(connection, actor, target, kind)) is not None:
            return same  # pressed twice
        if row is None or carrier is None or row["provider_id"] is None:
            raise conflict("no_call", *NO_CALL)
        call = calls.Call(**row)
        if kind == THREE_WAY:
            await connection.execute(
                "UPDATE call SET room = $2, settled = 'transferred' WHERE id = $1", call.id, f"room-{call.id}"
            )
        else:
            await ends.finish(connection, call, calls.TRANSFERRED, "", settled="transferred")
        one = await record(connection, actor, target=target, kind=kind, call=call.id)
    await calls.tell([actor.id])
    try:
        await _put_through(carrier, call, one, target, kind)
    except NotSentError as error:
        await told(one, error.code or "failed")
        zh, en = f"没能转到 {target}，请马上用其他电话拨打。", f"The transfer to {target} failed; dial it now."
        say = Say(zh, en)
        raise Refusal(502, "not_transferred", say) from None
    return one


async def _put_through(carrier: phones.Phones, call: Call, one: UUID, target: str, kind: str) -> None:
    """``call`` as it was before. A carrier that is away moved nobody: the agent still speaks with the caller."""
    leg = call.provider_id or ""
    try:
        if kind == ONE_WAY:
            await carrier.redirect(leg, "emergency", call.id, more=str(one))
        elif not call.room:  # a caller who is moved out of the room and in again would end it for all
            await carrier.redirect(leg, "room", call.id)
    except Later:
        await _still_talking(call)
        raise
    if kind == THREE_WAY:
        seconds = 3 * int(city.current().rule("voice.ring"))
        await carrier.dial(target, "join", call.id, seconds=seconds, more=str(one))


async def _still_talking(call: Call) -> None:
    """The call goes on, unless it ended or the agent went on meanwhile.

    ``settled`` stays as it is now: were the caller moved after all, and only the answer lost, then the end of the
    agent's leg must not end theirs (``voice.leg_ended``).
    """
    async with db.atomic() as connection:
        now = await calls.found(connection, call.id, lock=True)
        if call.agent is None or now.code or (await seats.of(connection, call.agent, lock=True)).call != call.id:
            return
        await connection.execute(
            "UPDATE call SET state = 'talking', ended_at = NULL, outcome = NULL, wrapped_at = NULL, room = $2"
            " WHERE id = $1", call.id, call.room,
        )  # fmt: skip
        if now.state == calls.ENDED:
            await seats.move(connection, call.agent, seats.TALKING, call=call.id)
    await calls.tell([call.agent])


async def just_made(connection: db.Connection, actor: Actor, target: str, kind: str = ONE_WAY) -> UUID | None:
    """The same transfer by the same person some seconds ago: a button that was pressed twice."""
    found: UUID | None = await connection.fetchval(_SAME, actor.id, target, kind, clock.now() - TWICE)
    return found


async def target_of(connection: db.Connection, one: UUID) -> str:
    """Where a recorded transfer goes, "" for an unknown one."""
    return str(await connection.fetchval("SELECT target FROM transfer_record WHERE id = $1", one) or "")


async def leaving(one: UUID) -> Script:
    """What the caller's leg does: hears where it goes and goes there. Not recorded: it is theirs from here on."""
    async with db.reading() as connection:
        target = await target_of(connection, one)
    if not target:
        return Script(says=(texts.AWAY.zh,))
    says = (texts.EMERGENCY.zh.format(target=texts.spoken(target)),)
    return Script(says=says, then=phones.NUMBER, target=target, shown=settings.current().twilio_number, more=str(one))


async def told(one: UUID, status: str) -> Script:
    """How the call to the target ended: on the record, and the caller hears it when nobody answered."""
    async with db.atomic() as connection:
        target = await target_of(connection, one)
        await connection.execute(
            "UPDATE transfer_record SET code = $2 WHERE id = $1 AND code NOT IN ('completed', $2)", one, status[:20]
        )
    await calls.tell()
    if status in ("completed", "answered", "in-progress") or not target:
        return Script()
    return Script(says=(texts.EMERGENCY_BUSY.zh.format(target=texts.spoken(target)),))


async def recent(connection: db.Connection, since: datetime) -> list[Record]:
    """The transfers since, the latest first."""
    rows = await connection.fetch(
        "SELECT t.target, t.kind, t.at, t.code, coalesce(p.name, '') AS name, coalesce(c.line, '') AS line"
        " FROM transfer_record t LEFT JOIN person p ON p.id = t.agent LEFT JOIN call c ON c.id = t.call"
        " WHERE t.at >= $1"
        " ORDER BY t.at DESC LIMIT 50",
        since,
    )  # fmt: skip
    return [Record(**row) for row in rows]
