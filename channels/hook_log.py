"""The delivery log of a partner's web hook: each message, what became of its tries, and how it is sent once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.errors import conflict
from hotline.ids import new_id

_LIST = """
    SELECT m.id, m.name, m.state, m.tries, m.created_at, m.next_at, m.error AS code, m.address IS NULL AS is_erased,
        r.receipt_no, r.origin_no
    FROM outbox_message m LEFT JOIN request r ON r.id = m.request_id
    WHERE m.channel = 'webhook' AND split_part(m.key, ':', 2) = $1
        AND ($2 = '' OR m.state = $2) AND ($3 = '' OR m.name = $3)
        AND ($4::timestamptz IS NULL OR (m.created_at, m.id) < ($4, $5))
    ORDER BY m.created_at DESC, m.id DESC LIMIT $6
"""
_TRIES = "SELECT message_id, at, outcome, code FROM attempt WHERE message_id = ANY($1::uuid[]) ORDER BY at, id"
_AGAIN = """
    UPDATE outbox_message SET state = 'queued', tries = 0, next_at = $3, error = NULL
    WHERE id = $2 AND channel = 'webhook' AND split_part(key, ':', 2) = $1 AND state <> 'queued' AND address IS NOT NULL
    RETURNING id
"""
_REPLAYED = "INSERT INTO attempt (id, message_id, at, outcome) VALUES ($1, $2, $3, 'replayed')"


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One try: when, how it went, and the receiver's status or our word for the failure."""

    at: datetime
    outcome: str
    code: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the log."""

    id: UUID
    name: str
    state: str
    tries: int
    created_at: datetime
    next_at: datetime | None
    code: str
    is_erased: bool
    receipt_no: str
    origin_no: str
    attempts: Sequence[Try]

    @property
    def may_again(self) -> bool:
        """Whether it can be sent once more: it waits no longer, and is not erased."""
        return self.state != "queued" and not self.is_erased


async def deliveries(
    connection: db.Connection,
    partner: str,
    *,
    state: str = "",
    event: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """A partner's messages, newest first, with all tries of each."""
    at, last = before or (None, None)
    rows = await connection.fetch(_LIST, partner, state, event, at, last, limit)
    tries: dict[UUID, list[Try]] = {}
    for one in await connection.fetch(_TRIES, [row["id"] for row in rows]):
        tries.setdefault(one["message_id"], []).append(Try(at=one["at"], outcome=one["outcome"], code=one["code"]))
    return [
        Delivery(
            id=row["id"], name=row["name"], state=row["state"], tries=row["tries"], created_at=row["created_at"],
            next_at=row["next_at"], code=row["code"] or "", is_erased=row["is_erased"],
            receipt_no=row["receipt_no"] or "", origin_no=row["origin_no"] or "", attempts=tries.get(row["id"], []),
        )
        for row in rows
    ]  # fmt: skip


async def again(connection: db.Connection, partner: str, message: UUID) -> None:
    """Send it once more, whether it arrived or not; its id stays. The 409 refusal for one that waits or was erased."""
    now = clock.now()
    if await connection.fetchval(_AGAIN, partner, message, now) is None:
        raise conflict("not_replayable", "这条在排队，或内容已删除，不能重发。", "It is queued already, or was erased.")
    await connection.execute(_REPLAYED, new_id(), message, now)


