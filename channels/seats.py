"""Seats: who is ready, is rung, talks, wraps up or pauses, and since when. Each change is kept for the figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import calls, emergency
from hotline import city, clock, db, jobs, masks, vault
from hotline.errors import Say, conflict, invalid

OFFLINE, READY, RINGING, TALKING, WRAP_UP, PAUSE = "offline", "ready", "ringing", "talking", "wrap_up", "pause"
STATES: dict[str, Say] = {
    OFFLINE: Say("离线", "Off"),
    READY: Say("就绪", "Ready"),
    RINGING: Say("来电", "Ringing"),
    TALKING: Say("通话中", "Talking"),
    WRAP_UP: Say("整理", "Wrap-up"),
    PAUSE: Say("小休", "Pause"),
}
REASONS: dict[str, Say] = {
    "rest": Say("休息", "break"),
    "meal": Say("用餐", "meal"),
    "training": Say("培训、开会", "training or meeting"),
    "paperwork": Say("处理工单", "paperwork"),
    "chat": Say("只接网上客服", "chats only"),
    "unanswered": Say("话机没接，自动小休", "did not pick up"),
    "helping": Say("帮助坐席", "helping a colleague"),
    "overrun": Say("整理超时，自动小休", "wrap-up ran over"),
}
CHOSEN = ("rest", "meal", "training", "paperwork", "chat")
"""Reasons that a person may give; the others are the house's."""
SETTLED: dict[str, Say] = {
    "case": Say("已登记", "Logged"),
    "answered": Say("咨询，当场答复", "Question answered"),
    "transferred": Say("已转接", "Transferred"),
    "later": Say("约好回拨", "Call back agreed"),
    "wrong_number": Say("打错、与热线无关", "Wrong number"),
    "silent": Say("没有声音", "Nobody spoke"),
    "nuisance": Say("骚扰", "Nuisance"),
    "other": Say("其他", "Other"),
}
_SEALED = "seat.phone"
_COLUMNS = "person, state, reason, since, wrap_until, call, phone"


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One person's seat. ``call`` is the call that is offered, spoken or wrapped up."""

    person: UUID
    state: str = OFFLINE
    reason: str = ""
    since: datetime
    wrap_until: datetime | None = None
    call: UUID | None = None
    phone: bytes | None = None

    @property
    def number(self) -> str:
        """The desk telephone, "" when none was given."""
        return vault.unseal(self.phone, _SEALED) if self.phone else ""


async def of(connection: db.Connection, person: UUID, *, lock: bool = False) -> Seat:
    """The person's seat; one who never sat down is offline."""
    sql = f"SELECT {_COLUMNS} FROM seat WHERE person = $1{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(sql, person)
    return Seat(**row) if row else Seat(person=person, since=clock.now())


async def move(
    connection: db.Connection, person: UUID, state: str, *,
    reason: str = "", call: UUID | None = None, wrap_until: datetime | None = None,
) -> None:  # fmt: skip
    """Put the seat into a state, in the caller's transaction, and log it."""
    now = clock.now()
    await connection.execute(
        "INSERT INTO seat (person, state, reason, since, call, wrap_until) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (person) DO UPDATE SET state = $2, reason = $3, since = $4, call = $5, wrap_until = $6",
        person, state, reason, now, call, wrap_until,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO seat_log (person, at, state, reason, call) VALUES ($1, $2, $3, $4, $5)",
        person, now, state, reason, call,
    )  # fmt: skip


async def give_phone(person: UUID, number: str) -> None:
    """Keep the desk telephone that is to be dialled. 422 when it is none."""
    given = masks.normal_phone(number)
    is_dialled = masks.is_phone(given) or (given.isdigit() and 3 <= len(given) <= 8)
    if not is_dialled or given in emergency.NUMBERS or city.current().line(given) is not None:
        raise invalid({"phone": Say("请写能拨通的话机号码，如 0310-3110001。", "Enter a number that can be dialled.")})
    async with db.atomic() as connection:
        await connection.execute(
            "INSERT INTO seat (person, state, since, phone) VALUES ($1, 'offline', $2, $3)"
            " ON CONFLICT (person) DO UPDATE SET phone = $3",
            person, clock.now(), vault.seal(given, _SEALED),
        )  # fmt: skip


async def get_ready(person: UUID) -> None:
    """就绪: from now on calls come. 409 during a call, 422 without a telephone or, after a call, without an outcome."""
    async with db.atomic() as connection:
        seat = await _free(connection, person)
        if not seat.phone:
            raise invalid({"phone": Say("先写话机号码，来电才能接到您这里。", "Give your desk telephone first.")})
        await leave_wrap_up(connection, seat)
        await move(connection, person, READY)
    await calls.tell([person])
    await jobs.nudge("ring")


async def pause(person: UUID, reason: str) -> None:
    """小休, with a reason. 409 during a call, 422 without one of the reasons."""
    if reason not in CHOSEN:
        raise invalid({"reason": Say("请选小休的原因。", "Choose why you pause.")})
    async with db.atomic() as connection:
        await leave_wrap_up(connection, await _free(connection, person))
        await move(connection, person, PAUSE, reason=reason)
    await calls.tell([person])


async def go(person: UUID) -> None:
    """离线. 409 during a call."""
    async with db.atomic() as connection:
        await leave_wrap_up(connection, await _free(connection, person))
        await move(connection, person, OFFLINE)
    await calls.tell([person])


async def leave(person: UUID) -> None:
    """Who signs out takes no calls any more; one who never sat down gets no seat. 409 during a call, 422 as ``go``."""
    async with db.reading() as connection:
        seat = await of(connection, person)
    if seat.state != OFFLINE:
        await go(person)


async def _free(connection: db.Connection, person: UUID) -> Seat:
    seat = await of(connection, person, lock=True)
    if seat.state in (RINGING, TALKING):
        raise conflict("seat_busy", "正在来电或通话，请先结束这一通。", "You are on a call; finish it first.")
    return seat


async def leave_wrap_up(connection: db.Connection, seat: Seat) -> None:
    """No next call, in or out, without an outcome (ux.md 4). 422 without one."""
    if seat.state != WRAP_UP or seat.call is None:
        return
    if not await connection.fetchval("SELECT settled FROM call WHERE id = $1", seat.call):
        raise invalid({"settled": Say("先选这一通的结果。", "Choose how this call ended first.")})
    await connection.execute(
        "UPDATE call SET wrapped_at = coalesce(wrapped_at, $2) WHERE id = $1", seat.call, clock.now()
    )


async def wrap_up(connection: db.Connection, person: UUID, call: UUID) -> None:
    """整理 begins: the call is over. In the caller's transaction."""
    until = clock.now() + timedelta(seconds=int(city.current().rule("voice.wrap")))
    await move(connection, person, WRAP_UP, call=call, wrap_until=until)


async def go_on(person: UUID) -> datetime | None:
    """Any key adds time to the wrap-up, never beyond its longest; the new end, None when there is none to add to."""
    rule = city.current().rule
    now = clock.now()
    async with db.atomic() as connection:
        until: datetime | None = await connection.fetchval(
            "UPDATE seat SET wrap_until = least($2, since + make_interval(mins => $3))"
            " WHERE person = $1 AND state = 'wrap_up' RETURNING wrap_until",
            person, now + timedelta(seconds=int(rule("voice.wrap"))), int(rule("voice.wrap_most")),
        )  # fmt: skip
    return until


async def settle(person: UUID, settled: str) -> None:
    """The outcome of the call that is wrapped up or still spoken. 409 when there is none, 422 for a strange outcome."""
    if settled not in SETTLED:
        raise invalid({"settled": Say("请从列出的里面选结果。", "Choose one of the outcomes.")})
    async with db.atomic() as connection:
        if (call := (await of(connection, person)).call) is not None:
            await calls.found(connection, call, lock=True)  # first the call, then the seat, as everybody who ends one
        seat = await of(connection, person, lock=True)
        if seat.call is None or seat.call != call or seat.state not in (TALKING, WRAP_UP):
            raise conflict("no_call", "没有正在整理的来电。", "There is no call to wrap up.")
        await connection.execute("UPDATE call SET settled = $2 WHERE id = $1", seat.call, settled)
    await calls.tell([person])


async def release(connection: db.Connection, person: UUID, call: UUID) -> None:
    """After a call that the person made: back to what they did before; who was ready writes down first."""
    if (await of(connection, person, lock=True)).call != call:
        return
    row = await connection.fetchrow(
        "SELECT state, reason FROM seat_log WHERE person = $1 AND state IN ('offline', 'ready', 'pause')"
        " ORDER BY id DESC LIMIT 1", person,
    )  # fmt: skip
    before, reason = (row["state"], row["reason"]) if row else (OFFLINE, "")
    if before == READY:
        before, reason = PAUSE, "paperwork"
    await move(connection, person, before, reason=reason)
