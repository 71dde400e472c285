"""Running promises stand still and go on: the mechanism. Who may pause what, and how long, is the acts' own rule."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from cases import events as e
from cases.file import CaseFile
from cases.ledger import append
from hotline import city
from hotline.work import Work
from sla import calendar, clocks, history, targets
from sla.rows import ClockRow


async def pause(
    work: Work, file: CaseFile, *, cause: str, stages: Collection[str] = (), subject: UUID | None = None
) -> list[ClockRow]:
    """Let the running promises of these stages (all when none is named), of one subject or of the whole case, stand.

    A promise that is broken already stays broken and runs on. Those that stand already keep their first cause.
    Returns the rows that stand now and ran before.
    """
    stood = []
    for row in await clocks.of_case(work, file):
        runs = row.stopped_at is None and row.paused_at is None and row.breached_at is None and row.due_at > work.now
        if runs and (not stages or row.stage in stages) and subject in (None, row.subject_id):
            row.paused_at, row.paused_for = work.now, cause
            row.history = history.written([*history.read(row.history), history.Pause(begins=work.now, cause=cause)])
            stood.append(row)
    return stood


async def resume(work: Work, file: CaseFile, *, cause: str, subject: UUID | None = None) -> list[ClockRow]:
    """Let the promises that stood for ``cause`` go on, later by what the pause added; the ledger learns the new dates.

    Returns the rows that run again.
    """
    rows = [
        row
        for row in await clocks.of_case(work, file)
        if row.stopped_at is None and row.paused_for == cause and subject in (None, row.subject_id)
    ]
    for row in rows:
        close(row, work.now)
        reckon(row)
    if rows:
        await append(work, file, e.Promised(promises=tuple(map(clocks.promised, rows))))
    return rows


def close(row: ClockRow, now: datetime) -> None:
    """End the row's open pause at ``now``; the date is the caller's to reckon anew."""
    *before, last = history.read(row.history)
    assert isinstance(last, history.Pause)  # noqa: S101 - nothing is added to the history of a promise that stands
    row.history = history.written([*before, msgspec.structs.replace(last, ends=now)])
    row.paused_at = row.paused_for = None


def reckon(row: ClockRow) -> None:
    """Put the due date and the warning on the row that its start, its amount and its history give."""
    days = calendar.of_unit(city.current(), row.unit)
    row.due_at, row.is_provisional = history.reckon(
        days, row.started_at, row.measure, float(row.amount), history.read(row.history)
    )
    row.warn_at = targets.warn_at(days, promise_of(row))


def promise_of(row: ClockRow) -> targets.Promise:
    """The row's promise as it stands, for warnings and pictures."""
    return targets.Promise(
        stage=row.stage, profile=row.profile, start=row.started_at.astimezone(UTC), due_at=row.due_at,
        provisional=row.is_provisional, unit=row.measure, amount=float(row.amount),
    )  # fmt: skip
