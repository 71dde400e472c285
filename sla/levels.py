"""Enterprises' requests whose level ran out: found by the sweep, climbed one step each, safe twice."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from cases import ledger
from cases.file import CaseFile
from cases.states import WORKING
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import Work, work
from sla import clocks
from sla.care import LEVEL_STAGES

log = logging.getLogger(__name__)

Climb = Callable[[Work, CaseFile], Awaitable[bool]]
"""The next step up, from ``routing.leaders``, which the roof brings here: neighbours never import each other."""
_DUE = """
    SELECT DISTINCT k.case_id FROM clock k JOIN cases c ON c.id = k.case_id
    WHERE k.stopped_at IS NULL AND k.paused_at IS NULL AND k.stage = ANY($1::text[]) AND k.due_at <= $2
        AND c.is_open AND c.level <> 'city'
    LIMIT 500
"""


async def climb_due(climb: Climb, as_of: datetime | None = None) -> int:
    """Let each case climb whose level's limit has passed; how many did. One that cannot is logged and tried again."""
    moment = as_of or clock.now()
    async with db.reading() as connection:
        due = [row["case_id"] for row in await connection.fetch(_DUE, list(LEVEL_STAGES), moment)]
    done = 0
    for case_id in due:
        try:
            async with work(SYSTEM, now=as_of) as w:
                locked = await w.connection.fetchval(
                    "SELECT id FROM cases WHERE id = $1 FOR UPDATE SKIP LOCKED", case_id
                )
                if locked is not None:
                    done += await _one(w, await ledger.opened(w, case_id=locked), climb)
        except db.AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one case's trouble is not the city's; its words stay out of the log
            log.error("case %s could not climb\n%s", case_id, plain(error))  # noqa: TRY400
    return done


async def _one(w: Work, file: CaseFile, climb: Climb) -> bool:
    """Asked again under the lock: another sweep may have been here."""
    is_due = any(
        row.stage in LEVEL_STAGES and row.stopped_at is None and row.paused_at is None and row.due_at <= w.now
        for row in await clocks.of_case(w, file)
    )
    return is_due and file.case.state in WORKING and await climb(w, file)
