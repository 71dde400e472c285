"""Calls as rows: found and locked, and the few steps that everybody's path shares. No screens, no provider."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hotline import clock, db, jobs, masks, vault
from hotline.errors import Say, not_found
from hotline.ids import new_id
from hotline.live import CHANNEL

IN, OUT = "in", "out"
GREETING, QUEUED, OFFERED, TALKING, ENDED = "greeting", "queued", "offered", "talking", "ended"
WAITING = (GREETING, QUEUED, OFFERED)
ANSWERED, MISSED, ABANDONED, TRANSFERRED, CLOSED, REFUSED, BARRED = (
    "answered", "missed", "abandoned", "transferred", "closed", "refused", "barred",
)  # fmt: skip
OUTCOMES: dict[str, Say] = {
    ANSWERED: Say("已接听", "answered"),
    MISSED: Say("未接", "missed"),
    ABANDONED: Say("主动挂断", "hung up before an answer"),
    TRANSFERRED: Say("已转接", "transferred"),
    CLOSED: Say("非服务时间", "out of hours"),
    REFUSED: Say("号码不对", "no line of ours"),
    BARRED: Say("号码拒接中", "number refused for a time"),
}
PURPOSES: dict[str, Say] = {
    "call": Say("来电", "incoming"),
    "callback": Say("回拨", "call back"),
    "contact": Say("首次联系", "first contact"),
    "visit": Say("回访", "return visit"),
}
_SEALED = "call.caller"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. ``line`` is the registered line, ``dialled`` the number as it was dialled."""

    id: UUID
    provider_id: str | None
    leg: str | None
    direction: str
    purpose: str
    line: str
    dialled: str
    caller: bytes | None
    state: str
    outcome: str | None
    code: str
    room: str
    agent: UUID | None
    started_at: datetime
    queued_at: datetime | None
    offered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wrapped_at: datetime | None
    settled: str
    answer_s: int | None
    talk_s: int | None
    wrap_s: int | None
    case_id: UUID | None
    request_id: UUID | None
    task: UUID | None

    @property
    def number(self) -> str:
        """The citizen's number, "" when it was withheld or erased."""
        return unseal(self.caller)


COLUMNS = ", ".join(Call.__struct_fields__)
_INSERT = """
INSERT INTO call (id, provider_id, direction, purpose, line, dialled, caller, caller_index, state, outcome, agent,
    started_at, ended_at, case_id, request_id, task)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (provider_id) DO NOTHING
"""
_HEARD = "INSERT INTO call_event (provider_id, event, at, call) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"


def seal(number: str) -> tuple[bytes | None, bytes | None]:
    """A number sealed, and its blind index; nothing for a withheld one."""
    known = masks.normal_phone(number)
    return (vault.seal(known, _SEALED), vault.phone_index(known)) if masks.is_phone(known) else (None, None)


def unseal(sealed: bytes | None) -> str:
    """The inverse of ``seal``."""
    return vault.unseal(sealed, _SEALED) if sealed else ""


async def add(connection: db.Connection, **given: Any) -> UUID:
    """Write a new call; a provider's call that is known already changes nothing. ``number`` is sealed here."""
    sealed, index = seal(given.get("number", ""))
    now, state = clock.now(), given["state"]
    one = new_id()
    await connection.execute(
        _INSERT, one, given.get("provider_id"), given["direction"], given["purpose"], given.get("line", ""),
        given.get("dialled", ""), sealed, index, state, given.get("outcome"), given.get("agent"), now,
        now if state == ENDED else None, given.get("case_id"), given.get("request_id"), given.get("task"),
    )  # fmt: skip
    return one


async def found(connection: db.Connection, call: UUID, *, lock: bool = False) -> Call:
    """The call, locked if it is to be changed; the 404 refusal when there is none."""
    row = await connection.fetchrow(f"SELECT {COLUMNS} FROM call WHERE id = $1{' FOR UPDATE' if lock else ''}", call)
    if row is None:
        raise not_found()
    return Call(**row)


async def by_provider(connection: db.Connection, provider_id: str, *, lock: bool = False) -> Call | None:
    """The call whose citizen's leg, or whose agent's leg, the provider calls so."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM call WHERE provider_id = $1 OR leg = $1{' FOR UPDATE' if lock else ''}", provider_id
    )
    return Call(**row) if row else None


async def is_news(connection: db.Connection, provider_id: str, event: str, call: UUID | None) -> bool:
    """Note what the provider told; False when it told so before."""
    return str(await connection.execute(_HEARD, provider_id, event, clock.now(), call)).endswith(" 1")


async def was_told(connection: db.Connection, provider_id: str, event: str) -> bool:
    """Whether the provider told so before, and it was done."""
    sql = "SELECT EXISTS (SELECT FROM call_event WHERE provider_id = $1 AND event = $2)"
    return bool(await connection.fetchval(sql, provider_id, event))


async def tell(people: Iterable[UUID | None] = ()) -> None:
    """After the commit: the floor changed, and these people's seats."""
    names = ["floor", *(f"seat.{one}" for one in people if one is not None)]
    await jobs.publish(CHANNEL, " ".join(names))


OWN_FOR = timedelta(minutes=30)
"""After its end a call may still be logged by who took it, for so long."""


async def mine(connection: db.Connection, person: UUID, call: UUID) -> Call:
    """The call if this person has it in hand or has just had it: only then its number is theirs to see, else 404."""
    one = await found(connection, call)
    is_over = one.wrapped_at is not None or (one.ended_at is not None and one.ended_at < clock.now() - OWN_FOR)
    if one.agent != person or is_over:
        raise not_found()
    return one


async def link(connection: db.Connection, person: UUID, call: UUID, receipt_no: str) -> bool:
    """Say which case a call became: by who took it, and only once. In the caller's transaction."""
    done = await connection.execute(
        "UPDATE call SET case_id = r.case_id, request_id = r.id, settled = 'case' FROM request r"
        " WHERE r.receipt_no = $3 AND call.id = $1 AND call.agent = $2 AND call.case_id IS NULL",
        call, person, receipt_no,
    )  # fmt: skip
    return str(done).endswith(" 1")
