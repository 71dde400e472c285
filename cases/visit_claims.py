"""认领: who is about to ring whom, so that two callers never ring the same person. A claim lapses by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import conflict

_TAKE = """
    INSERT INTO visit_claim AS k (request_id, person, claimed_at, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (request_id) DO UPDATE SET person = $2, until = $4,
        claimed_at = CASE WHEN k.person = $2 AND k.until > $3 THEN k.claimed_at ELSE $3 END
    WHERE k.person = $2 OR k.until <= $3 RETURNING person
"""
_HELD = """
    SELECT k.person, p.name, k.until FROM visit_claim k JOIN person p ON p.id = k.person
    WHERE k.request_id = $1 AND k.until > $2
"""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who has it, and until when."""

    person: UUID
    name: str
    until: datetime


async def held(connection: db.Connection, request: UUID) -> Claim | None:
    """The claim on a request that holds now."""
    record = await connection.fetchrow(_HELD, request, clock.now())
    return Claim(**record) if record is not None else None


async def take(connection: db.Connection, actor: Actor, request: UUID) -> None:
    """Claim a request, or renew one's own claim, for the minutes of ``visit.claim_minutes``. 409 for a colleague's."""
    now = clock.now()
    until = now + timedelta(minutes=float(city.current().rule("visit.claim_minutes")))
    if await connection.fetchval(_TAKE, request, actor.id, now, until) is None:
        await demand(connection, actor, request)


async def demand(connection: db.Connection, actor: Actor, request: UUID) -> None:
    """Refuse with 409 what is about somebody whom a colleague is about to ring."""
    claim = await held(connection, request)
    if claim is not None and claim.person != actor.id:
        at = clock.local(claim.until)
        raise conflict(
            "claimed",
            f"{claim.name} 正在回访这一位（到 {at:%H:%M}），请打下一位。",
            f"{claim.name} is calling this person (until {at:%H:%M}); take the next one.",
        )


async def drop(connection: db.Connection, actor: Actor, request: UUID) -> None:
    """Give one's claim up: done, or not after all. Nobody else's is touched."""
    await connection.execute("DELETE FROM visit_claim WHERE request_id = $1 AND person = $2", request, actor.id)
