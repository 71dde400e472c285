"""A leader's instruction (批示、交办): raises the case, and wants a written report back by its date (seed 002-04)."""

from __future__ import annotations

from uuid import UUID

from cases.events_care import Instructed
from cases.events_ladder import InstructionReported
from cases.file import CaseFile, Text
from cases.ledger import append, columns, opened, read_row
from hotline.errors import conflict, not_found
from hotline.ids import new_id
from hotline.work import Work
from sla import clocks, ladder_clocks
from sla.rows_ladder import InstructionRow

STAGE = "instruction_report"
_ROW = f"SELECT {columns(InstructionRow)} FROM instruction WHERE"


async def instruct(
    work: Work, file: CaseFile, *, instruction: str, days: int, leader: str, level: str = ""
) -> InstructionRow:
    """Write down what a leader wants done; the lead unit (or the centre) reports in writing within ``days``.

    ``level`` is the enterprise level at which the leader coordinates the case, "" for any other instruction. 422 for a
    text that is missing or has more characters than the city allows, 409 on a case that has ended.
    """
    lead = file.lead
    unit = lead.unit if lead is not None else ""
    row = InstructionRow(
        id=new_id(), case_id=file.case.id, unit=unit, leader=leader.strip(), given_at=work.now, given_by=work.actor.id,
        words=instruction.strip(), due_at=work.now,
    )  # fmt: skip
    clock = ladder_clocks.of_days(file, "instruction", row.id, STAGE, days=days, unit=unit, start=work.now)
    row.due_at = clock.due_at
    event = Instructed(level=level, instruction=row.id, unit=unit, due=row.due_at)
    texts = {"instruction": Text(value=instruction), "leader": Text(value=leader.strip())}
    await append(work, file, event, texts)
    work.add(row)
    await clocks.start(work, file, [clock])
    await clocks.show_next(work, file)
    return row


async def report(work: Work, identifier: UUID, *, text: str, units: tuple[str, ...] | None) -> InstructionRow:
    """书面报告 back to the leader; the clock stops. 404 when it is not these ``units``' (None: the centre's too)."""
    record = await work.connection.fetchrow("SELECT case_id, unit FROM instruction WHERE id = $1", identifier)
    if record is None or (units is not None and record["unit"] not in units):
        raise not_found()
    file = await opened(work, case_id=record["case_id"])
    row = read_row(InstructionRow, await work.connection.fetchrow(f"{_ROW} id = $1 FOR UPDATE", identifier))
    work.track(row)
    if row.reported_at is not None:
        raise conflict("reported", "这件批示已经报告过了。", "This instruction has been reported on already.")
    await append(work, file, InstructionReported(instruction=row.id), {"report": Text(value=text)})
    row.reported_at, row.reported_by, row.report = work.now, work.actor.id, text.strip()
    await clocks.stop(work, file, STAGE, subject=row.id)
    await clocks.show_next(work, file)
    return row
