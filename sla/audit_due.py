"""Limits beside the cases' clocks: a unit's correction is overdue, a rating "dissatisfied" has hardly any time left."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from cases import ledger
from cases.file import CaseFile
from hotline import city, clock, db
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import calendar

_FINDINGS = """
    SELECT id FROM finding WHERE state = 'open' AND due_at <= $1 AND reminded_at IS NULL ORDER BY due_at LIMIT 200
"""
_RATINGS = """
    SELECT x.id FROM rectification x JOIN request r ON r.id = x.request_id
    WHERE x.ended_at IS NULL AND (x.due_at <= $1 AND x.told < 2 OR x.due_at <= $2 AND x.told < 1)
        AND r.state <> 'erased' ORDER BY x.due_at LIMIT 200
"""
_FINDING = """
    SELECT number, unit, case_id, due_at FROM finding
    WHERE id = $1 AND state = 'open' AND reminded_at IS NULL FOR UPDATE SKIP LOCKED
"""
_RATING = """
    SELECT case_id, due_at, told, (SELECT receipt_no FROM request WHERE id = request_id) AS number FROM rectification
    WHERE id = $1 AND ended_at IS NULL FOR UPDATE SKIP LOCKED
"""
SOON, LATE, CORRECTION = "rating_soon", "rating_late", "finding_late"


class Tell(Protocol):
    """Tells people of the staff; ``channels``, which the roof brings here."""

    async def __call__(
        self, work: Work, *, what: str, unit: str, number: str, due: datetime, case: CaseFile | None
    ) -> None:
        """Say it in the transaction that notes that it was said. ``what``: SOON, LATE or CORRECTION."""


def near(now: datetime) -> datetime:
    """Until when a limit counts as near: the close of the next working day."""
    return calendar.of(city.current()).add_working_days(now, 1).at


async def watch(tell: Tell, as_of: datetime | None = None) -> int:
    """Tell of all that is due now, each once; how many. Safe twice and side by side."""
    now = as_of or clock.now()
    async with db.reading() as connection:
        late = [row["id"] for row in await connection.fetch(_FINDINGS, now)]
        rated = [row["id"] for row in await connection.fetch(_RATINGS, now, near(now))]
    return sum([await _finding(one, tell, now) for one in late]) + sum([await _rating(one, tell, now) for one in rated])


async def _finding(identifier: UUID, tell: Tell, now: datetime) -> int:
    async with work(SYSTEM, now=now) as w:
        row = await w.connection.fetchrow(_FINDING, identifier)
        if row is None or row["due_at"] > now:
            return 0
        await w.connection.execute("UPDATE finding SET reminded_at = $2 WHERE id = $1", identifier, now)
        case = await ledger.opened(w, case_id=row["case_id"]) if row["case_id"] is not None else None
        await tell(w, what=CORRECTION, unit=row["unit"], number=row["number"], due=row["due_at"], case=case)
        return 1


async def _rating(identifier: UUID, tell: Tell, now: datetime) -> int:
    async with work(SYSTEM, now=now) as w:
        row = await w.connection.fetchrow(_RATING, identifier)
        step = 2 if row is not None and row["due_at"] <= now else 1
        if row is None or row["told"] >= step:
            return 0
        await w.connection.execute("UPDATE rectification SET told = $2 WHERE id = $1", identifier, step)
        case = await ledger.opened(w, case_id=row["case_id"])
        what = LATE if step == 2 else SOON
        await tell(w, what=what, unit="", number=row["number"], due=row["due_at"], case=case)
        return 1
