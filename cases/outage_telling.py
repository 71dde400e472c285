"""Whoever was linked with an outage is told once that it is over: a job in batches, safe twice and side by side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from cases import ledger, outages, verbs_outage
from cases.file import CaseFile
from cases.outage_rows import Outage
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import Work, work

BATCH = 50
_STALE = timedelta(days=7)
"""So long after its end nobody is told any more: who withdrew or was erased would be looked for for ever."""
_ENDED = """
    SELECT o.id FROM outage o
    WHERE o.state <> 'on' AND o.ended_at > $2 AND ($1::uuid IS NULL OR o.id = $1) AND EXISTS (
        SELECT FROM outage_link l WHERE l.outage_id = o.id AND l.wants_news AND l.told_round < o.round)
    ORDER BY o.ended_at
"""
_WAITING = """
    SELECT DISTINCT r.case_id FROM outage_link l JOIN request r ON r.id = l.request_id JOIN cases c ON c.id = r.case_id
    WHERE l.outage_id = $1 AND l.wants_news AND l.told_round < $2 AND r.case_id > $3 AND c.state <> 'merged'
        AND r.state IN ('open', 'awaiting_visit', 'visited', 'exempt')
    ORDER BY 1 LIMIT $4
"""
_TAKE = """
    UPDATE outage_link l SET told_round = o.round, told_at = $3, still_at = NULL, called_at = NULL, called_by = NULL
    FROM outage o, request r
    WHERE o.id = $1 AND o.state <> 'on' AND l.outage_id = o.id AND r.id = l.request_id AND r.case_id = ANY($2)
        AND l.wants_news AND l.told_round < o.round AND r.state IN ('open', 'awaiting_visit', 'visited', 'exempt')
    RETURNING r.case_id, r.id
"""
log = logging.getLogger(__name__)


async def deliver(outage: UUID | None = None) -> int:
    """Tell everybody who waits to be told; how many were. What is locked or fails is left for the next run."""
    async with db.reading() as connection:
        ended = [row["id"] for row in await connection.fetch(_ENDED, outage, clock.now() - _STALE)]
    return sum([await _all_of(one) for one in ended])


async def _all_of(outage: UUID) -> int:
    told, last = 0, UUID(int=0)
    while True:
        async with db.reading() as connection:
            one = await outages.one(connection, outage)
            rows = await connection.fetch(_WAITING, outage, one.round, last, BATCH)
        if not rows or one.is_on:
            return told
        cases = [row["case_id"] for row in rows]
        last = cases[-1]
        told += await _batch(outage, cases)


async def _batch(outage: UUID, cases: Sequence[UUID]) -> int:
    """These cases in one transaction; when that fails each alone, so that one's trouble is not its neighbours'."""
    try:
        async with work(SYSTEM) as w:
            return await _tell(w, outage, cases)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001
        log.error("telling of outage %s failed for %d cases\n%s", outage, len(cases), plain(error))  # noqa: TRY400
    return sum([await _batch(outage, [one]) for one in cases]) if len(cases) > 1 else 0


async def _tell(w: Work, outage: UUID, cases: Sequence[UUID]) -> int:
    files: dict[UUID, CaseFile] = {file.case.id: file for file in await ledger.opened_all(w, cases)}
    one: Outage = await outages.one(w.connection, outage, for_change=True)
    taken = await w.connection.fetch(_TAKE, outage, list(files), w.now)
    for row in taken:
        file = files[row["case_id"]]
        await verbs_outage.tell(w, file, file.requests[row["id"]], one)
    return len(taken)
