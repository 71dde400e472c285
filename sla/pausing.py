"""Running promises stand still and go on with their case. Who may pause what, and how long, is the acts' own rule."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cases import events as e
from cases.file import CaseFile, Entry
from cases.ledger import append
from hotline.work import Work
from sla import clocks, standing
from sla.rows import ClockRow
from sla.standing import close, promise_of, reckon

__all__ = ["close", "on_pause", "pause", "promise_of", "reckon", "resume"]


async def on_pause(work: Work, file: CaseFile, entry: Entry) -> None:
    """A reaction: the promises that the case's cause names stand from now. They go on when the case does.

    (``clocks.show_next_after`` lets them, whatever ended the pause; what begins while the case stands, stands.)
    """
    cause = file.case.paused
    if cause is not None:
        await pause(work, file, cause=cause, stages=standing.stages(cause))


async def pause(
    work: Work, file: CaseFile, *, cause: str, stages: Collection[str] = (), subject: UUID | None = None
) -> list[ClockRow]:
    """Let the running promises of these stages (all when none is named), of one subject or of the whole case, stand.

    A promise that is broken already stays broken and runs on. Those that stand already keep their first cause.
    Returns the rows that stand now and ran before.
    """
    stood = []
    for row in await clocks.of_case(work, file):
        is_meant = (not stages or row.stage in stages) and subject in (None, row.subject_id)
        if is_meant and standing.runs(row, work.now):
            standing.begin(row, work.now, cause)
            stood.append(row)
    return stood


async def resume(work: Work, file: CaseFile, *, cause: str, subject: UUID | None = None) -> list[ClockRow]:
    """Let the promises that stood for ``cause`` go on, later by what the pause added; the ledger learns the new dates.

    Returns the rows that run again.
    """
    mine = [row for row in await clocks.of_case(work, file) if subject in (None, row.subject_id)]
    rows = standing.go_on_all(mine, work.now, cause)
    if rows:
        await append(work, file, e.Promised(promises=tuple(map(clocks.promised, rows))))
    return rows
