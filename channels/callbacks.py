"""Call-back tasks: whoever called in vain is called back within the line's clock, or told by a message at last."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import bridge, calls, opening, ways
from channels.calls import Call
from hotline import city, clock, db, masks, unfinished, vault
from hotline.actor import Actor
from hotline.errors import Say, conflict, invalid, not_found
from hotline.ids import new_id

OPEN, CLAIMED, DONE, GIVEN_UP = "open", "claimed", "done", "given_up"
REACHED, UNREACHED, AGAIN = "reached", "unreached", "called_again"
OUTCOMES: dict[str, Say] = {
    REACHED: Say("已联系上", "reached"),
    UNREACHED: Say("没联系上", "not reached"),
    AGAIN: Say("又打进来并已接听", "called again and was answered"),
}
PLANNED = "planned"
WHYS: dict[str, Say] = {
    "missed": Say("排队太久", "waited too long"),
    "abandoned": Say("没等到就挂断", "hung up while waiting"),
    "away": Say("故障时来电", "called during an outage"),
    PLANNED: Say("约好回拨", "time agreed"),
}
_LAPSED = timedelta(minutes=15)
"""A claim that nobody dialled for so long is open again."""
_MAKE = """
INSERT INTO callback_task (id, call, line, number, number_index, why, made_at, due_at, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7)
ON CONFLICT (number_index) WHERE state IN ('open', 'claimed') DO UPDATE SET calls = callback_task.calls + 1
RETURNING id, due_at, calls
"""
_PLAN = """
INSERT INTO callback_task (id, call, line, number, number_index, why, made_at, due_at, next_at, planned_at, draft,
    asked_by)
VALUES ($1, $2, $3, $4, $5, 'planned', $6, $7, $8, $8, $9, $10)
ON CONFLICT (number_index) WHERE state IN ('open', 'claimed') DO UPDATE SET why = 'planned', due_at = $7, next_at = $8,
    planned_at = $8, draft = coalesce($9, callback_task.draft), asked_by = $10, state = 'open', claimed_by = NULL,
    claimed_at = NULL
"""
_COLUMNS = (
    "t.id, t.line, t.number, t.why, t.calls, t.made_at, t.due_at, t.next_at, t.state, t.claimed_by,"
    " t.claimed_at, t.tries, t.outcome, t.ended_at, t.first_at, t.planned_at, t.draft, t.asked_by"
)
_LIST = f"""
SELECT {_COLUMNS}, coalesce(p.name, '') AS name FROM callback_task t LEFT JOIN person p ON p.id = t.claimed_by
WHERE t.state = ANY($1) ORDER BY CASE WHEN t.state IN ('open', 'claimed') THEN t.next_at > $2 END, t.due_at LIMIT $3
"""
_ENDED = f"""
SELECT {_COLUMNS}, '' AS name FROM callback_task t WHERE t.state IN ('done', 'given_up') AND t.ended_at >= $1
ORDER BY t.ended_at DESC LIMIT $2
"""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to call back; ``name`` is who has taken it."""

    id: UUID
    line: str
    number: bytes | None
    why: str
    calls: int
    made_at: datetime
    due_at: datetime
    next_at: datetime
    state: str
    claimed_by: UUID | None
    claimed_at: datetime | None
    tries: int
    outcome: str
    ended_at: datetime | None
    first_at: datetime | None
    planned_at: datetime | None = None
    draft: UUID | None = None
    asked_by: UUID | None = None
    name: str = ""

    @property
    def masked(self) -> str:
        """The number as a list shows it."""
        return masks.mask_phone(calls.unseal(self.number))


async def make(connection: db.Connection, call: Call, why: str) -> bool:
    """A task for the caller of a call that nobody answered; False when the number was withheld. One task a number."""
    sealed, index = calls.seal(call.number)
    line = city.current().line(call.line)
    if sealed is None or line is None:
        return False
    now = clock.now()
    due = opening.ahead(line, now, int(city.current().rule("callback.minutes")))
    row = await connection.fetchrow(_MAKE, new_id(), call.id, line.number, sealed, index, why, now, due)
    if row["calls"] == 1 and why != "away":
        due_at = f"{clock.local(row['due_at']):%H:%M}"
        await _tell(connection, f"call_back:{row['id']}", call.number, "call_back", is_waking=False, due=due_at)
    return True


async def plan(
    connection: db.Connection, actor: Actor, *, number: str, line: str, at: datetime, draft: UUID | None,
    call: UUID | None = None,
) -> None:  # fmt: skip
    """A call back at a time that was agreed with the caller; ``draft`` is what was typed so far. One task a number.

    Raises the 422 refusal for a number that cannot be dialled.
    """
    sealed, index = calls.seal(number)
    if sealed is None:
        raise invalid({"phone": Say("回拨要有能打通的号码，请核对。", "Give a number that can be called back.")})
    due = at + timedelta(minutes=int(city.current().rule("callback.planned_slack")))
    await connection.execute(
        _PLAN, new_id(), call, line, sealed, index, clock.now(), due, at, draft, actor.id
    )


async def called_again(connection: db.Connection, call: Call) -> None:
    """Whoever was answered meanwhile need not be called back."""
    if call.caller and call.direction == calls.IN:
        await connection.execute(
            "UPDATE callback_task SET state = 'done', outcome = 'called_again', ended_at = $2, claimed_by = NULL,"
            " claimed_at = NULL WHERE number_index = ANY($1) AND state IN ('open', 'claimed')",
            vault.phone_indexes(call.number), clock.now(),
        )  # fmt: skip


async def waiting(connection: db.Connection, limit: int = 200) -> list[Task]:
    """Open and claimed tasks: those that may be dialled now by their due time, then those whose pause runs."""
    rows = await connection.fetch(_LIST, [OPEN, CLAIMED], clock.now(), limit)
    return [Task(**row) for row in rows]


async def settled(connection: db.Connection, since: datetime, limit: int = 200) -> list[Task]:
    """Tasks that were settled since, the latest first."""
    return [Task(**row) for row in await connection.fetch(_ENDED, since, limit)]


async def _mine(connection: db.Connection, actor: Actor, task: UUID) -> Task:
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM callback_task t WHERE id = $1 FOR UPDATE", task)
    if row is None:
        raise not_found()
    one = Task(**row)
    if one.state in (DONE, GIVEN_UP):
        raise conflict("settled", "这条回拨已经结束。", "This call back is settled already.")
    if one.state == CLAIMED and one.claimed_by != actor.id:
        raise conflict("claimed", "同事已经认领这条回拨。", "A colleague has taken this call back.")
    return one


async def claim(actor: Actor, task: UUID) -> None:
    """认领: nobody else dials it meanwhile. 409 when a colleague has it or it is settled. Safe twice."""
    async with db.atomic() as connection:
        one = await _mine(connection, actor, task)
        await connection.execute(
            "UPDATE callback_task SET state = 'claimed', claimed_by = $2, claimed_at = $3 WHERE id = $1",
            task, actor.id, clock.now(),
        )  # fmt: skip
        if one.draft is not None:
            await unfinished.give(connection, one.draft, actor.id)
    await calls.tell()


async def dial(actor: Actor, task: UUID) -> UUID:
    """Dial through the centre, taken first if need be; the call. Errors of ``claim`` and of ``bridge.dial``."""
    await claim(actor, task)
    async with db.atomic() as connection:
        one = await _mine(connection, actor, task)
        return await bridge.dial(
            connection, actor, number=calls.unseal(one.number), purpose="callback", line=one.line, task=task
        )


async def settle(actor: Actor, task: UUID, outcome: str) -> str:
    """Reached, or not: then again after a pause, and after the last try given up with a message. The new state."""
    if outcome not in (REACHED, UNREACHED):
        raise invalid({"outcome": Say("请选有没有联系上。", "Choose whether they were reached.")})
    rule, now = city.current().rule, clock.now()
    async with db.atomic() as connection:
        one = await _mine(connection, actor, task)
        if one.state != CLAIMED:  # pressed twice, or lapsed meanwhile: one call is one try
            raise conflict("not_claimed", "先认领这条回拨，再记结果。", "Take this call back first.")
        tries = one.tries + 1
        state = DONE if outcome == REACHED else GIVEN_UP if tries >= int(rule("callback.tries")) else OPEN
        line = city.current().line(one.line)
        pause = int(rule("callback.pause"))
        again = opening.ahead(line, now, pause) if line else now + timedelta(minutes=pause)
        await connection.execute(
            "UPDATE callback_task SET state = $2, tries = $3, outcome = $4, next_at = $5, claimed_by = NULL,"
            " claimed_at = NULL, ended_at = $6, first_at = coalesce(first_at, $7) WHERE id = $1",
            task, state, tries, outcome, again, None if state == OPEN else now, now,
        )  # fmt: skip
        if state == GIVEN_UP:
            await _tell(connection, f"callback:{task}", calls.unseal(one.number), "call_missed")
    await calls.tell()
    return state


async def _tell(
    connection: db.Connection, key: str, number: str, name: str, *, is_waking: bool = True, **values: str
) -> None:
    """The text ``name`` to a mobile; one a key for ever."""
    if not (len(number) == 11 and number.startswith("1")):
        return
    row = ways.row(
        key=key, name=name, channel="sms", address=number, text=ways.worded(name, "sms", "zh", values),
        facts=ways.facts(name, "zh", values), now=clock.now(), is_waking=is_waking,
    )  # fmt: skip
    names = row.__struct_fields__
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    await connection.execute(
        f"INSERT INTO outbox_message ({', '.join(names)}) VALUES ({places}) ON CONFLICT (key) DO NOTHING",
        *msgspec.structs.astuple(row),
    )  # fmt: skip


async def reopen_lapsed(connection: db.Connection) -> int:
    """Claims that nobody followed up are open again; how many. A part of ``sweep_calls``.

    Not while its call is spoken, nor just after: a colleague would call the same person beside it or once more.
    """
    done = await connection.execute(
        "UPDATE callback_task t SET state = 'open', claimed_by = NULL, claimed_at = NULL"
        " WHERE state = 'claimed' AND claimed_at < $1 AND NOT EXISTS (SELECT FROM call c WHERE c.agent = t.claimed_by"
        " AND c.started_at > $1::timestamptz - interval '1 day' AND c.task = t.id"
        " AND (c.ended_at IS NULL OR c.ended_at > $1))",
        clock.now() - _LAPSED,
    )  # fmt: skip
    return int(done.rpartition(" ")[2])


async def counts(connection: db.Connection) -> tuple[int, int]:
    """How many wait, and how many of them are late."""
    row = await connection.fetchrow(
        "SELECT count(*) AS n, count(*) FILTER (WHERE due_at < $1 AND first_at IS NULL) AS late FROM callback_task"
        " WHERE state IN ('open', 'claimed')", clock.now(),
    )  # fmt: skip
    return row["n"], row["late"]
