"""The job that reads what arrived: in order of receipt, a person's messages one after the other, many a transaction.

A batch that fails is read message by message; after three tries a message is parked where a person sees it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

import msgspec

from channels import arrivals, parts, talk
from channels.acknowledge import storable
from channels.heard import Heard
from channels.rows import ArrivalRow
from channels.turn import Turn, learn, writers
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import Work, work

log = logging.getLogger(__name__)

BATCH = 100
TRIES = 3
LONGEST_RUN = 30.0
"""Seconds; the next tick goes on, so that no job runs into its time-out while messages keep coming."""
_COLUMNS = ", ".join(ArrivalRow.__struct_fields__)
_SENDERS = """
    WITH next AS MATERIALIZED (
        SELECT sender FROM (
            SELECT DISTINCT ON (sender) sender, received_at, next_at FROM arrival
            WHERE state = 'new' AND (next_at IS NULL OR next_at <= $1 OR tries > 0)
            ORDER BY sender, received_at, id
        ) AS first WHERE next_at IS NULL OR next_at <= $1
        ORDER BY received_at LIMIT $2
    )
    SELECT sender FROM next WHERE pg_try_advisory_xact_lock(hashtextextended(encode(sender, 'hex'), 12346))
"""
"""Whoever's turn it is and nobody else reads; the lock is held until the transaction's end.

One who sends thousands takes one place among those who wait. A message that failed keeps its sender's later ones
waiting until it was read or parked; one that waits for the other parts of its text does not.
"""
_FIRST = f"""
    SELECT {_COLUMNS} FROM arrival WHERE state = 'new' AND id IN (
        SELECT DISTINCT ON (sender) id FROM arrival
        WHERE state = 'new' AND sender = ANY($1) AND (next_at IS NULL OR next_at <= $2 OR tries > 0)
        ORDER BY sender, received_at, id
    ) AND (next_at IS NULL OR next_at <= $2) ORDER BY received_at, id FOR UPDATE SKIP LOCKED
"""
_ONE = f"""
    SELECT {_COLUMNS} FROM arrival WHERE id = $1 AND state = 'new'
        AND pg_try_advisory_xact_lock(hashtextextended(encode(sender, 'hex'), 12346)) FOR UPDATE
"""
_FAILED = """
    UPDATE arrival SET tries = tries + 1, error = $2, state = CASE WHEN tries + 1 >= $3 THEN 'parked' ELSE 'new' END,
        next_at = CASE WHEN tries + 1 < $3 THEN $4::timestamptz + make_interval(secs => 2 * 2 ^ tries) END
    WHERE id = $1 AND state = 'new'
"""


async def read_all() -> int:
    """Read what is due; returns how many messages. Safe twice and side by side."""
    done, until = 0, time.monotonic() + LONGEST_RUN
    while (one := await _read_batch()) > 0 and time.monotonic() < until:
        done += one
    return done + one


async def _read_batch() -> int:
    rows: Sequence[ArrivalRow] = []
    try:
        async with work(SYSTEM) as w:
            senders = [row["sender"] for row in await w.connection.fetch(_SENDERS, w.now, BATCH)]
            rows = [ArrivalRow(**row) for row in await w.connection.fetch(_FIRST, senders, w.now)] if senders else []
            return await _read(w, rows)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, one message's trouble is not its neighbours'
        log.error("a batch of %d arrivals failed; each is read alone\n%s", len(rows), plain(error))  # noqa: TRY400
        return sum([await read_one(row.id) for row in rows])


async def read_one(arrival: UUID) -> bool:
    """Read one message in a transaction of its own; a failure is counted, the third parks it."""
    try:
        async with work(SYSTEM) as w:
            record = await w.connection.fetchrow(_ONE, arrival)
            return bool(record is not None and await _read(w, [ArrivalRow(**record)]))
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - it is counted and a person sees it
        log.error("arrival %s could not be read\n%s", arrival, plain(error))  # noqa: TRY400
        code = getattr(error, "code", None) or type(error).__name__
        async with db.atomic() as connection:
            await connection.execute(_FAILED, arrival, str(code)[:60], TRIES, clock.now())
        return False


def _clean(one: Heard) -> Heard:
    """The message in characters that can be kept."""
    position = one.position and msgspec.structs.replace(one.position, label=storable(one.position.label))
    return msgspec.structs.replace(one, words=storable(one.words), subject=storable(one.subject), position=position)


async def _read(w: Work, rows: Sequence[ArrivalRow]) -> int:
    """Read one message each of different people; a part of a longer text brings the others, or waits for them."""
    heard: list[tuple[ArrivalRow, Heard]] = []
    for row in rows:
        w.track(row)
        one = _clean(arrivals.heard_of(row))
        if one.part is None:
            heard.append((row, one))
        elif (whole := await parts.joined(w, row, one)) is not None:
            heard.append((row, whole))
    known = await writers(w, [one for _, one in heard]) if heard else {}
    turns = [Turn(w, row, one, known[one.channel, one.sender]) for row, one in heard]
    if turns:
        await learn(w, turns)
    for turn in turns:
        await talk.read(turn)
        parts.settle(w, turn.row)
    return len(rows)
