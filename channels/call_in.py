"""Calling people in during a surge: who agreed to it, who is off duty, who was asked and what they answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from channels import reminders_shift, surge
from hotline import acts, clock, db
from hotline.actor import Actor
from hotline.errors import conflict
from hotline.work import work

_FREE = """
SELECT o.person FROM on_call o JOIN person p ON p.id = o.person LEFT JOIN seat s ON s.person = o.person
WHERE p.is_active AND coalesce(s.state, 'offline') = 'offline'
    AND NOT EXISTS (SELECT FROM surge_call_in i WHERE i.surge = $1 AND i.person = o.person)
"""
_ASKED = """
SELECT i.person, p.name, i.asked_at, i.answer, i.answered_at, coalesce(s.state, 'offline') AS state
FROM surge_call_in i JOIN person p ON p.id = i.person LEFT JOIN seat s ON s.person = i.person
WHERE i.surge = $1 ORDER BY i.answer = 'no', i.answer = '', i.asked_at
"""
_ANSWER = """
UPDATE surge_call_in i SET answer = $2, answered_at = $3 FROM surge s
WHERE s.id = i.surge AND s.off_at IS NULL AND s.until > $3 AND i.person = $1 RETURNING i.surge
"""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was called in; ``answer`` is yes, no or "" and ``state`` that of their seat now."""

    person: UUID
    name: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    state: str


async def agree(actor: Actor, *, is_willing: bool) -> None:
    """The person agrees to be called in, or takes it back."""
    async with db.atomic() as connection:
        if is_willing:
            await connection.execute(
                "INSERT INTO on_call (person, agreed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", actor.id, clock.now()
            )
        else:
            await connection.execute("DELETE FROM on_call WHERE person = $1", actor.id)


async def agrees(connection: db.Connection, person: UUID) -> bool:
    """Whether the person agreed."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM on_call WHERE person = $1)", person))


async def free(connection: db.Connection, one: UUID) -> int:
    """How many agreed, are off duty, and were not asked in this surge yet."""
    return len(await connection.fetch(_FREE, one))


async def ask_all(actor: Actor) -> int:
    """A message to everybody of them, by the doors they chose; how many. 409 when surge mode is off."""
    async with work(actor) as w:
        now_on = await surge.current(w.connection)
        if now_on is None:
            raise conflict("off", "高峰模式没有开着。", "Surge mode is off.")
        rows = await w.connection.fetch(_FREE, now_on.id)
        for row in rows:
            await w.connection.execute(
                "INSERT INTO surge_call_in (surge, person, asked_at, asked_by) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT DO NOTHING", now_on.id, row["person"], w.now, actor.id,
            )  # fmt: skip
            await reminders_shift.called_in(w, now_on, row["person"])
        await acts.note(w, actor, "surge_called_in", f"surge:{now_on.id}", {"asked": len(rows)})
    await surge.tell()
    return len(rows)


async def asked(connection: db.Connection, one: UUID) -> list[Asked]:
    """Who was called in: those who come first."""
    return [Asked(**row) for row in await connection.fetch(_ASKED, one)]


async def question(connection: db.Connection, person: UUID) -> str | None:
    """What this person answered to the surge that is on: "" for nothing yet, None when they were not asked."""
    answer: str | None = await connection.fetchval(
        "SELECT i.answer FROM surge_call_in i JOIN surge s ON s.id = i.surge"
        " WHERE i.person = $1 AND s.off_at IS NULL AND s.until > $2", person, clock.now(),
    )  # fmt: skip
    return answer


async def answer(actor: Actor, *, is_coming: bool) -> None:
    """能来 or 来不了. 409 when nobody asks any more."""
    async with db.atomic() as connection:
        one = await connection.fetchval(_ANSWER, actor.id, "yes" if is_coming else "no", clock.now())
    if one is None:
        raise conflict("over", "高峰已经结束，不用来了，谢谢。", "The surge is over; you need not come. Thank you.")
    await surge.tell()
