"""What became of one try to send: the message's next state, a row for the try, and how its door is doing.

Also the provider's later word on it, which only moves forward. Whatever is noted here holds codes, never words.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from channels import silence
from channels.rows import OutboxRow
from hotline import city, clock, db
from hotline.ids import new_id

SENT, LATER, NEVER, SILENT, STATUS = "sent", "later", "never", "silent", "status"
RUN = 5
"""So many failures that pass, one after another and nothing sent between: the provider is away, its door pauses."""
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 600.0
"""Seconds; each pause that ends in another failure is followed by one twice as long."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
LONGEST_AFTER = 86_400.0
"""A provider that says "in a month" is asked again tomorrow."""
_STATUS = (
    "UPDATE outbox_message SET state = $2, status_at = $3, error = nullif($4, ''), next_at = NULL WHERE id = $1"
)
_ATTEMPT = "INSERT INTO attempt (id, message_id, at, outcome, code, seconds) VALUES ($1, $2, $3, $4, $5, $6)"
_MARK = """
    UPDATE outbox_message SET state = $2, next_at = $3, error = $4, provider_id = coalesce($5, provider_id),
        sent_at = CASE WHEN $2 = 'sent' THEN $6 ELSE sent_at END,
        status_at = CASE WHEN $2 = 'queued' THEN status_at ELSE $6 END
    WHERE id = $1 AND (state = 'queued' OR state = 'failed' AND $2 = 'sent') RETURNING id
"""
_WELL = """
    UPDATE door SET later_run = 0, paused_at = NULL, paused_until = NULL
    WHERE channel = $1 AND (later_run > 0 OR paused_at IS NOT NULL)
"""
_CODE = "UPDATE door SET code = $2, code_at = $3 WHERE channel = $1"
_HELD = "SELECT later_run, paused_at, paused_until FROM door WHERE channel = $1 FOR UPDATE"
_ILL = """
    UPDATE door SET later_run = $4, code = $2, code_at = $3, paused_at = $5, paused_until = $6 WHERE channel = $1
"""
_FOUND = """
    SELECT id FROM outbox_message WHERE channel = $1 AND provider_id = $2 ORDER BY created_at LIMIT 1
"""
_FORWARD = """
    WITH found AS (
        SELECT id, state FROM outbox_message WHERE channel = $1 AND provider_id = $2 ORDER BY created_at LIMIT 1
        FOR UPDATE
    ), moved AS (
        UPDATE outbox_message m SET state = $3, status_at = $4, error = nullif($5, ''), next_at = NULL
        FROM found WHERE m.id = found.id AND found.state = ANY($6) RETURNING m.id
    ), noted AS (
        INSERT INTO attempt (id, message_id, at, outcome, code, seconds) SELECT $7, id, $8, 'status', $9, 0 FROM moved
    )
    SELECT EXISTS (SELECT FROM found) AS is_known, EXISTS (SELECT FROM moved) AS is_news
"""
"""Nearly every report in one statement: providers send three for each message."""
_AHEAD = """
    INSERT INTO status_ahead (channel, provider_id, state, code, at, kept_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""
_TAKE_AHEAD = """
    DELETE FROM status_ahead WHERE channel = $1 AND provider_id = $2 RETURNING state, code, at
"""
_BEFORE = {"delivered": ("queued", "sent", "failed"), "failed": ("sent",)}
"""From which states a report moves a message on; that it was sent we know ourselves."""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2, 12345))"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one try went. ``after``: seconds that the provider asks for; ``is_ours``: its door is not to blame."""

    kind: str
    code: str = ""
    provider_id: str = ""
    seconds: float = 0.0
    after: float | None = None
    is_ours: bool = False


def wait(tries: int, after: float | None = None) -> float:
    """Seconds until the next try: twice as long each time, spread by a quarter; or what the provider asks for."""
    spread = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    if after is not None:
        return min(max(after, 0.0), LONGEST_AFTER) * max(spread, 1.0)
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 20)) * spread


async def mark(row: OutboxRow, outcome: Outcome, address: str = "") -> bool:
    """Note what became of a try, in a transaction of its own; whether its door is paused from now on."""
    now = clock.now()
    state, again = _next(row, outcome, now)
    error = None if outcome.kind == SENT else outcome.code or outcome.kind
    async with db.atomic() as connection:
        if outcome.provider_id:
            await connection.execute(_ONE_AT_A_TIME, row.channel, outcome.provider_id)
        provider_id = outcome.provider_id or None
        await connection.execute(_MARK, row.id, state, again, error, provider_id, now)
        await connection.execute(_ATTEMPT, new_id(), row.id, now, outcome.kind, outcome.code, outcome.seconds)
        if outcome.kind == SILENT and address:
            await silence.hush(connection, row.channel, address, now)
        if outcome.provider_id:
            for early in await connection.fetch(_TAKE_AHEAD, row.channel, outcome.provider_id):
                await _move(connection, row.id, early["state"], early["at"], early["code"])
        return await _note_door(connection, row.channel, outcome, now)


def _next(row: OutboxRow, outcome: Outcome, now: datetime) -> tuple[str, datetime | None]:
    """The message's state after the try, and when it is tried again."""
    if outcome.kind == LATER and row.tries < int(city.current().rule("message.tries")):
        return "queued", now + timedelta(seconds=wait(row.tries, outcome.after))
    return {SENT: "sent", SILENT: "dropped"}.get(outcome.kind, "failed"), None


async def _note_door(connection: db.Connection, channel: str, outcome: Outcome, now: datetime) -> bool:
    """An answer, even a refusal, shows that the provider is there; failures in a row that it is not."""
    if outcome.is_ours:
        return False
    if outcome.kind != LATER:
        await connection.execute(_WELL, channel)
        if outcome.kind == NEVER:
            await connection.execute(_CODE, channel, outcome.code, now)
        return False
    return await _note_failure(connection, channel, outcome.code, now)


async def _note_failure(connection: db.Connection, channel: str, code: str, now: datetime) -> bool:
    """Those that were on their way together when the door began to rest count as one failure."""
    door = await connection.fetchrow(_HELD, channel)
    if door is None:
        return False
    run, since, until = door["later_run"], door["paused_at"], door["paused_until"]
    if until is None or until <= now:
        run += 1
        since, until = None if run < RUN else since or now, None
        if run >= RUN:
            until = now + timedelta(seconds=min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(run - RUN, 10)))
    await connection.execute(_ILL, channel, code, now, run, since, until)
    return until is not None


async def drop(row: OutboxRow, reason: str) -> None:
    """It is not sent at all, for this reason; no try was made."""
    async with db.atomic() as connection:
        await connection.execute(_MARK, row.id, "dropped", None, reason, None, clock.now())


async def status(
    connection: db.Connection, channel: str, provider_id: str, state: str, at: datetime, code: str = ""
) -> bool:
    """A provider's word on a message: sent, delivered or failed (undelivered); whether that was news.

    queued < sent < delivered; failed stands unless "delivered" comes after all, and delivered never goes back. Safe
    twice and out of order; one that comes before we know the message's id is kept until we do.
    """
    state = "failed" if state == "undelivered" else state
    if state not in _BEFORE or not provider_id:
        return False
    code = code[:40]
    one = await connection.fetchrow(
        _FORWARD, channel, provider_id, state, at, _error(state, code), list(_BEFORE[state]), new_id(), clock.now(),
        _told(state, code),
    )  # fmt: skip
    if one["is_known"]:
        return bool(one["is_news"])
    async with connection.transaction():  # it may be known this very moment
        await connection.execute(_ONE_AT_A_TIME, channel, provider_id)
        found = await connection.fetchval(_FOUND, channel, provider_id)
        if found is None:
            await connection.execute(_AHEAD, channel, provider_id, state, code, at, clock.now())
            return False
        return await _move(connection, found, state, at, code)


def _error(state: str, code: str) -> str:
    """What stands with a message that did not arrive; "" for one that did."""
    return (code or "undelivered") if state == "failed" else ""


def _told(state: str, code: str) -> str:
    """The report in the list of tries."""
    return f"{state} {code}".strip()


async def _move(connection: db.Connection, message: UUID, state: str, at: datetime, code: str) -> bool:
    """Forward only. A message that a person put back into the queue may still turn out to have arrived."""
    held = await connection.fetchval("SELECT state FROM outbox_message WHERE id = $1 FOR UPDATE", message)
    if held not in _BEFORE.get(state, ()):
        return False
    await connection.execute(_STATUS, message, state, at, _error(state, code))
    await connection.execute(_ATTEMPT, new_id(), message, clock.now(), STATUS, _told(state, code), 0.0)
    return True


async def sweep(connection: db.Connection) -> None:
    """Reports on messages that are none of ours, a day old."""
    await connection.execute("DELETE FROM status_ahead WHERE kept_at < $1", clock.now() - timedelta(days=1))
