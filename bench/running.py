"""Cases at work for the benches of the clocks: each with a lead assignment, a request and a running finish clock.

The clocks end from tomorrow on, ten minutes a thousand, until ``fall_due`` lets some of them end sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from bench import fill

_REST = (
    """INSERT INTO assignment (id, case_id, unit, role, state, round, basis, profile, dispatched_at, dispatched_by,
        signed_at, hands, supervision)
    SELECT md5('a' || id)::uuid, id, lead_unit, 'lead', 'signed', 1, 'catalogue', 'STD5', opened_at,
        '00000000-0000-0000-0000-000000000000', opened_at, '{}', 0 FROM cases""",
    """INSERT INTO request (id, case_id, receipt_no, code_hash, state, kind, channel, line, reply_by, requester_kind,
        is_anonymous, filed_at, visit_tries)
    SELECT md5('r' || id)::uuid, id, 'B' || number, sha256('x'), 'open', 'assistance', 'phone', '12345', 'none',
        'person', false, opened_at, 0 FROM cases""",
    """INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, due_at,
        warn_at, is_provisional, warned_at)
    SELECT md5('k' || id)::uuid, id, 'assignment', md5('a' || id)::uuid, lead_unit, 'finish', 'STD5', 'wd', 5,
        opened_at, now() + interval '1 day' + row_number() OVER () * interval '0.6 seconds',
        opened_at, false, opened_at FROM cases""",
    "VACUUM ANALYZE assignment", "VACUUM ANALYZE request", "VACUUM ANALYZE clock", "VACUUM ANALYZE cases",
)  # fmt: skip
_DUE = """
    UPDATE clock SET due_at = $1::timestamptz + n * $3::interval
    FROM (SELECT id, row_number() OVER () AS n FROM (
        SELECT id FROM clock WHERE stage = 'finish' AND breached_at IS NULL AND due_at > now() + interval '12 hours'
        ORDER BY md5(id::text || $4) LIMIT $2) AS few) AS chosen
    WHERE clock.id = chosen.id RETURNING clock.case_id
"""
_SHOWN = """
    UPDATE cases SET next_due = k.due_at, next_stage = k.stage, next_warn = k.warn_at
    FROM clock k WHERE k.case_id = cases.id AND k.stage = 'finish' AND cases.id = ANY($1::uuid[])
"""


async def fill_running(url: str, count: int) -> None:
    """Put ``count`` cases at work into an empty database; as the owner."""
    await fill.fill(url, count, count)
    owner = await asyncpg.connect(url, command_timeout=None)
    try:
        for sql in _REST:
            await owner.execute(sql)
    finally:
        await owner.close()


async def fall_due(url: str, number: int, first: datetime, apart: float = 0.0, seed: str = "") -> None:
    """Let ``number`` running clocks, here and there in the table, end from ``first`` on, ``apart`` seconds apart."""
    owner = await asyncpg.connect(url, command_timeout=None)
    try:
        moved = await owner.fetch(_DUE, first, number, timedelta(seconds=apart), seed)
        await shown(owner, [row["case_id"] for row in moved])
        await owner.execute("VACUUM ANALYZE clock")
    finally:
        await owner.close()


async def shown(owner: asyncpg.Connection, cases: Sequence[UUID]) -> None:
    """Let these cases say when they are due, as whoever moves a clock does: the sweep finds nothing to mend there."""
    await owner.execute(_SHOWN, cases)
