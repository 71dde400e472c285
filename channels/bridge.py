"""Calls that the centre makes: both legs dialled by it, its number shown, so that nobody outside needs the citizen's.

First contact by a unit, return visits and call backs. What the unit gets is the talk, never the number.
"""

from __future__ import annotations

import contextlib
from uuid import UUID

from cases import ledger, verbs
from channels import calls, ends, phones, seats
from channels import voice_texts as texts
from channels.calls import Call
from channels.carrier import NotSentError
from channels.phones import Script
from hotline import acts, city, clock, db, jobs, masks, people, settings
from hotline.actor import SYSTEM, Actor
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.work import work

NO_PHONE = Say("先写您的话机号码，热线会先打给您。", "Give your own telephone first; the hotline calls you on it.")
NO_NUMBER = Say("没留能打通的号码。", "No number was left that could be called.")
NOT_SET_UP = Say("热线电话还没有接通，请管理员先配置运营商。", "No carrier is set up; an administrator has to do it.")

_FIRST = "UPDATE callback_task SET first_at = coalesce(first_at, $2) WHERE id = $1"
"""What a call back's clock measures: that the citizen was rung, not that somebody meant to."""


async def dial(
    connection: db.Connection, actor: Actor, *, number: str, purpose: str, line: str = "12345",
    case_id: UUID | None = None, request_id: UUID | None = None, task: UUID | None = None,
) -> UUID:  # fmt: skip
    """Note a call to be made, in the caller's transaction; the job ``ring`` rings the person's own telephone first.

    409 during another call or without a carrier, 422 without the person's telephone or the citizen's number.
    """
    if phones.current() is None:
        raise conflict("no_carrier", *NOT_SET_UP)
    if not masks.is_phone(number):
        raise invalid({"number": NO_NUMBER})
    seat = await seats.of(connection, actor.id, lock=True)
    if not seat.phone:
        raise invalid({"own_phone": NO_PHONE})
    if seat.state in (seats.RINGING, seats.TALKING):
        raise conflict("seat_busy", "您正在通话，请先结束这一通。", "You are on a call; finish it first.")
    await seats.leave_wrap_up(connection, seat)
    call = await calls.add(
        connection, direction=calls.OUT, purpose=purpose, number=number, line=line, state=calls.OFFERED,
        agent=actor.id, case_id=case_id, request_id=request_id, task=task,
    )  # fmt: skip
    await connection.execute("UPDATE call SET offered_at = started_at WHERE id = $1", call)
    await seats.move(connection, actor.id, seats.RINGING, call=call)
    await acts.note(connection, actor, "call_made", f"call:{call}", {"purpose": purpose})
    return call


async def place(call_id: UUID) -> bool:
    """Ring the telephone of who wants to speak, once; False when that was done or cannot be."""
    carrier = phones.current()
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if carrier is None or call.state != calls.OFFERED or call.leg is not None or call.agent is None:
            return False
        if not await calls.is_news(connection, str(call.id), "placed", call.id):
            return False
        seat = await seats.of(connection, call.agent)
    try:
        leg = await carrier.dial(seat.number, "out", call_id, seconds=int(city.current().rule("voice.ring")))
    except NotSentError as error:
        await over(call_id, error.code or "failed")
        return False
    async with db.atomic() as connection:
        await connection.execute("UPDATE call SET leg = coalesce(leg, $2) WHERE id = $1", call_id, leg)
    return True


async def place_all() -> int:
    """Calls to be made whose nudge was lost; how many. A part of ``ring``."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT id FROM call WHERE direction = 'out' AND state = 'offered' AND leg IS NULL"
            " ORDER BY started_at LIMIT 50"
        )
    return sum([await place(row["id"]) for row in rows])


async def answered(call_id: UUID, leg: str) -> Script:
    """The person picked up: now the citizen is dialled, who hears who calls and that it is recorded."""
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if call.state not in (calls.OFFERED, calls.TALKING) or call.agent is None or call.leg not in (leg, None):
            return Script(says=(texts.GONE.zh,))
        if call.state == calls.OFFERED:
            await connection.execute("UPDATE call SET state = 'talking', leg = $2 WHERE id = $1", call_id, leg)
            await seats.move(connection, call.agent, seats.TALKING, call=call_id)
            await connection.execute(_FIRST, call.task, clock.now())
    await calls.tell([call.agent])
    shown = settings.current().twilio_number
    says = (texts.BRIDGING.zh,)
    return Script(says=says, then=phones.NUMBER, call=call_id, target=call.number, shown=shown, is_recorded=True)


async def greeted(call_id: UUID, leg: str) -> Script:
    """The citizen picked up: the announcement, then they are joined."""
    async with db.atomic() as connection:
        await calls.found(connection, call_id)
        await connection.execute(
            "UPDATE call SET answered_at = coalesce(answered_at, $2), provider_id = coalesce(provider_id, $3)"
            " WHERE id = $1 AND state = 'talking'", call_id, clock.now(), leg,
        )  # fmt: skip
    return Script(says=(texts.FROM_CENTRE.zh,), then=phones.ON)


async def over(call_id: UUID, status: str) -> Script:
    """The citizen's leg is over, or was never answered; the person hears which. A first contact goes into the case."""
    is_reached = status == "completed"
    async with db.atomic() as connection:
        call = await calls.found(connection, call_id, lock=True)
        if call.state == calls.ENDED:
            return Script()
        if is_reached and call.answered_at is None:
            await connection.execute("UPDATE call SET answered_at = $2 WHERE id = $1", call_id, clock.now())
        await ends.finish(connection, call, calls.ANSWERED if is_reached else calls.MISSED, status)
    if is_reached:
        await contacted(call)
    await calls.tell([call.agent])
    await jobs.nudge("ring")
    return Script(says=() if is_reached else (texts.NOT_REACHED.zh,))


async def contacted(call: Call) -> None:
    """首次联系 through the hotline, in the case's own ledger. A case that moved on meanwhile keeps only the call."""
    if call.purpose != "contact" or call.agent is None or call.case_id is None:
        return
    actor = await _actor(call.agent)
    with contextlib.suppress(Refusal):
        async with work(actor) as w:
            file = await ledger.opened(w, case_id=call.case_id)
            own = next((one for one in file.live if one.unit in actor.units and one.contacted_at is None), None)
            if own is not None:
                await verbs.contact(w, file, own, way="hotline")


async def _actor(person: UUID) -> Actor:
    """The person as the session would know them."""
    if person == SYSTEM.id:
        return SYSTEM
    one = await people.one(person)
    return Actor(
        id=one.id, kind="staff", name=one.name, login=one.login, roles=frozenset(one.roles), unit=one.unit,
        units=city.current().subtree(one.unit) if one.unit else (), jurisdiction=one.jurisdiction,
    )  # fmt: skip
