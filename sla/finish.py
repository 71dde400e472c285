"""When the lead promised to be done: of one case within a transaction, of many at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases.file import CaseFile
from hotline import db
from hotline.work import Work
from sla import clocks


async def finish_due(work: Work, file: CaseFile) -> datetime | None:
    """When the lead unit promised to be done; None while nobody has it, or once it is."""
    lead = file.lead
    rows = await clocks.of_case(work, file) if lead is not None else []
    own = [r.due_at for r in rows if r.stage == "finish" and r.unit == file.case.lead_unit and r.stopped_at is None]
    return own[-1] if own else None


async def finish_dues(connection: db.Connection, cases: Sequence[UUID]) -> dict[UUID, datetime]:
    """The running promise to be done of each of these cases' leads, where there is one."""
    rows = await connection.fetch(
        "SELECT k.case_id, max(k.due_at) AS due FROM clock k JOIN cases c ON c.id = k.case_id AND c.lead_unit = k.unit "
        "WHERE k.case_id = ANY($1::uuid[]) AND k.stage = 'finish' AND k.stopped_at IS NULL GROUP BY k.case_id",
        list(cases),
    )
    return {row["case_id"]: row["due"] for row in rows}
