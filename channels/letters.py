"""Dead letters: messages that could not be sent, for a person to look at and to send once more. Never their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from channels.outcomes import STATUS
from hotline import clock, db
from hotline.ids import new_id

_DEAD = "m.state = 'failed' AND m.address IS NOT NULL"
"""What was erased has no address any more and is nobody's to send."""
_LIST = f"""
    SELECT m.id, m.channel, m.name, m.key, m.tries, m.created_at, m.error AS code, r.receipt_no,
        coalesce(m.status_at, m.created_at) AS at,
        (SELECT a.outcome = '{STATUS}' FROM attempt a WHERE a.message_id = m.id ORDER BY a.at DESC, a.id DESC LIMIT 1)
            AS is_undelivered
    FROM outbox_message m LEFT JOIN request r ON r.id = m.request_id
    WHERE {_DEAD} AND ($1 = '' OR m.channel = $1) AND ($2::uuid IS NULL OR m.id < $2)
    ORDER BY m.id DESC LIMIT $3
"""
_AGAIN = f"""
    UPDATE outbox_message m SET state = 'queued', tries = 0, next_at = $3, error = NULL
    WHERE {_DEAD} AND ($1::uuid IS NULL OR m.id = $1) AND ($2 = '' OR m.channel = $2) RETURNING m.id
"""
_REPLAYED = "INSERT INTO attempt (id, message_id, at, outcome) VALUES ($1, $2, $3, 'replayed')"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message that failed: by which door, of what kind, for which receipt, why, after how many tries and when."""

    id: UUID
    channel: str
    name: str
    receipt_no: str
    code: str
    tries: int
    created_at: datetime
    at: datetime
    is_undelivered: bool


async def dead(
    connection: db.Connection, channel: str = "", *, before: UUID | None = None, limit: int = 50
) -> list[Letter]:
    """Dead letters of a door ("" = all), newest first; ``before`` is the last id of the page before."""
    rows = await connection.fetch(_LIST, channel, before, limit)
    return [
        Letter(
            id=row["id"], channel=row["channel"], name=row["name"] or row["key"].partition(":")[0],
            receipt_no=row["receipt_no"] or "", code=row["code"] or "", tries=row["tries"],
            created_at=row["created_at"], at=row["at"], is_undelivered=bool(row["is_undelivered"]),
        )
        for row in rows
    ]  # fmt: skip


async def counts(connection: db.Connection) -> dict[str, int]:
    """How many dead letters each door has."""
    rows = await connection.fetch(f"SELECT channel, count(*) AS n FROM outbox_message m WHERE {_DEAD} GROUP BY 1")
    return {row["channel"]: row["n"] for row in rows}


async def again(connection: db.Connection, message: UUID | None = None, channel: str = "") -> Sequence[UUID]:
    """Put one dead letter, or all of a door, back into the queue with all its tries; the ids of what was put back.

    The key stays: a provider that knows such keys and sent it after all sends it once.
    """
    if message is None and not channel:
        return []
    now = clock.now()
    found = [row["id"] for row in await connection.fetch(_AGAIN, message, channel, now)]
    await connection.executemany(_REPLAYED, [(new_id(), one, now) for one in found])
    return found
