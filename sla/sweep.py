"""What is due as of a moment, done once: warnings and breaches, a transaction a case, fair to every row."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from cases import ledger
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import work
from sla import clocks, supervision

log = logging.getLogger(__name__)

BATCH = 200
_DUE = """
    SELECT case_id, min(next_act_at) AS first FROM (
        SELECT case_id, next_act_at FROM clock WHERE next_act_at <= $1 AND case_id <> ALL($3::uuid[])
        ORDER BY next_act_at LIMIT $2
    ) AS due GROUP BY case_id ORDER BY first
"""


async def due_as_of(moment: datetime) -> list[tuple[str, str, str, datetime]]:
    """What is due by ``moment`` and not yet acted on: case number, stage, unit, due moment; the oldest first."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT c.number, k.stage, k.unit, k.due_at FROM clock k JOIN cases c ON c.id = k.case_id "
            "WHERE k.next_act_at <= $1 ORDER BY k.next_act_at LIMIT 1000",
            moment,
        )
    return [tuple(row) for row in rows]


async def sweep(as_of: datetime | None = None) -> int:
    """Do every warning and breach that is due by ``as_of`` (now); returns how many acts were done.

    Safe twice and side by side: a case that another sweep or a person holds is skipped and found by the next. One
    that cannot be done holds nobody up: it is logged, tried again by the next sweep, and shows as the sweep's delay.
    """
    moment = as_of or clock.now()
    done, skipped = 0, set[UUID]()
    while True:
        async with db.reading() as connection:
            due = await connection.fetch(_DUE, moment, BATCH, list(skipped))
        if not due:
            break
        for record in due:
            acts = await _tried(record["case_id"], as_of)
            done += acts
            if acts == 0:
                skipped.add(record["case_id"])
    await _mark(moment, done)
    return done


async def _tried(case_id: UUID, as_of: datetime | None) -> int:
    try:
        return await _one(case_id, as_of)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one case's trouble is not the city's; its words stay out of the log
        log.error("the sweep could not do case %s\n%s", case_id, plain(error))  # noqa: TRY400
        return 0


async def _one(case_id: UUID, as_of: datetime | None) -> int:
    async with work(SYSTEM, now=as_of) as w:
        moment = w.now
        locked = await w.connection.fetchval("SELECT id FROM cases WHERE id = $1 FOR UPDATE SKIP LOCKED", case_id)
        if locked is None:
            return 0
        file = await ledger.opened(w, case_id=locked)
        acts = 0
        for row in list(await clocks.of_case(w, file)):
            if row.stopped_at is not None or row.breached_at is not None or row.paused_at is not None:
                continue
            if row.due_at <= moment:
                await supervision.breach(w, file, row)
                acts += 1
            elif row.warned_at is None and row.warn_at <= moment:
                await supervision.warn(w, file, row)
                acts += 1
        await clocks.show_next(w, file)
        return acts


async def _mark(moment: datetime, acts: int) -> None:
    async with db.atomic() as connection:
        late = await connection.fetchval(
            "SELECT coalesce(extract(epoch FROM $1 - min(next_act_at)), 0)::float8 FROM clock WHERE next_act_at <= $1",
            moment,
        )
        await connection.execute(
            "INSERT INTO sweep_mark (name, at, acts, late_seconds) VALUES ('clocks', $1, $2, $3) "
            "ON CONFLICT (name) DO UPDATE "
            "SET at = excluded.at, acts = excluded.acts, late_seconds = excluded.late_seconds",
            moment, acts, late,
        )  # fmt: skip
