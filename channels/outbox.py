"""What leaves the building: due rows are claimed, given to their door and marked; a door away is tried again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from cases.file import CaseFile, Entry
from channels.rows import OutboxRow
from hotline import clock, db, vault
from hotline.work import Work

Sender = Callable[[str, str, str], Awaitable[str]]
"""``await send(key, address, text)`` gives the provider's id; raising means "not sent, try again"."""

SENDERS: dict[str, Sender] = {}
"""The doors of this installation by channel. A channel without one keeps its messages; operations says so."""

BATCH = 100
_COLUMNS = ", ".join(OutboxRow.__struct_fields__)
_CLAIM = f"""
    UPDATE outbox_message SET tries = tries + 1,
        next_at = $1 + make_interval(secs => least(3600, 30 * 2 ^ least(tries, 7)))
    WHERE id IN (SELECT id FROM outbox_message WHERE state = 'queued' AND next_at <= $1 AND channel = ANY($2)
                 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
"""
_SENT = """
    UPDATE outbox_message SET state = 'sent', sent_at = $2, provider_id = $3, next_at = NULL, error = NULL
    WHERE id = $1 AND state IN ('queued', 'failed')
"""
_FAILED = """
    UPDATE outbox_message SET error = $2, state = CASE WHEN tries >= $3 THEN 'failed' ELSE 'queued' END
    WHERE id = $1 AND state = 'queued'
"""
_ERASED = """
    UPDATE outbox_message SET address = NULL, body = ''::bytea, next_at = NULL,
        state = CASE WHEN state = 'queued' THEN 'failed' ELSE state END, error = coalesce(error, 'erased')
    WHERE case_id = $1
"""
TRIES = 10


async def deliver_due() -> int:
    """Send what is due; returns how many went. No connection is held while a provider is asked."""
    if not SENDERS:
        return 0
    now = clock.now()
    async with db.atomic() as connection:
        rows = [OutboxRow(**r) for r in await connection.fetch(_CLAIM, now, list(SENDERS), BATCH)]
    sent = 0
    for row in rows:
        sent += await _send(row)
    return sent


async def _send(row: OutboxRow) -> bool:
    try:
        address = vault.unseal(row.address, "outbox") if row.address else ""
        provider_id = await SENDERS[row.channel](row.key, address, vault.unseal(row.body, "outbox"))
    except Exception as error:  # noqa: BLE001 - whatever a provider does, the row stays and is tried again
        async with db.atomic() as connection:
            await connection.execute(_FAILED, row.id, type(error).__name__, TRIES)
        return False
    async with db.atomic() as connection:
        await connection.execute(_SENT, row.id, clock.now(), provider_id)
    return True


async def on_erased(work: Work, file: CaseFile, _: Entry) -> None:
    """Numbers and words go from what was sent, too, and what was not sent is not sent any more (rules.md 5)."""
    await work.connection.execute(_ERASED, file.case.id)


async def status(
    connection: db.Connection, channel: str, provider_id: str, state: str, at: datetime, code: str = ""
) -> bool:
    """The provider's word on a message: sent, delivered or failed; whether that was news. Forward only."""
    done = await connection.execute(
        "UPDATE outbox_message SET state = $3, status_at = $4, error = nullif($5, '') "
        "WHERE channel = $1 AND provider_id = $2 AND state <> $3 AND state <> 'delivered' "
        "AND ($3 = 'delivered' OR state = 'sent' AND $3 = 'failed')",
        channel, provider_id, state, at, code,
    )  # fmt: skip
    return str(done) != "UPDATE 0"
