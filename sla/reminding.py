"""The timed acts of every clock: the reminder and the yellow, the red, the written reminder of the day after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cases.events_remind import DueSoon, OverdueTold
from cases.file import CaseFile
from cases.ledger import append
from hotline import city, clock
from hotline.work import Work
from sla import calendar, clocks, supervision
from sla.rows import ClockRow
from sla.timed import Due, Timed

WARN, BREACH, WRITTEN = "warn", "breach", "overdue_told"
BEFORE, AFTER = "remind.before", "remind.after"
"""Rules: the stages whose keeper is reminded before the end, and in writing on the working day after it."""

_NEXT = """
    SELECT case_id, id AS subject, {at} AS due_at FROM clock
    WHERE next_act_at <= $1 AND {what} AND case_id <> ALL($3::uuid[]) ORDER BY next_act_at LIMIT $2
"""
_WRITTEN = """
    SELECT case_id, id AS subject, remind_at AS due_at FROM clock
    WHERE remind_at <= $1 AND remind_at IS NOT NULL AND reminded_at IS NULL AND stopped_at IS NULL
        AND case_id <> ALL($3::uuid[]) ORDER BY remind_at LIMIT $2
"""
_FELL_DUE = """
    SELECT k.case_id, k.id AS subject, {at} AS due_at, {over} AS is_over FROM clock k JOIN cases c ON c.id = k.case_id
    WHERE {at} >= $1 AND {at} < $2 AND (k.paused_at IS NULL OR k.paused_at > {at})
        AND (k.stopped_at IS NULL OR k.stopped_at >= {at})
        AND NOT (c.channel = 'import' AND k.warned_at IS NOT DISTINCT FROM k.warn_at)
"""
"""What fell due, from the clocks alone; what was imported had its acts, or none, in the former system. A promise that
was taken away (void) before anybody could act is over.
"""
_VOID = "(k.outcome IS NOT DISTINCT FROM 'void')"


async def _clock(work: Work, file: CaseFile, due: Due) -> ClockRow | None:
    return next((row for row in await clocks.of_case(work, file) if row.id == due.subject), None)


def _is_due(row: ClockRow, now: datetime) -> bool:
    return row.breached_at is None and row.paused_at is None and (row.stopped_at is None or row.is_owed) and (
        row.warn_at <= now
    )


async def warn(work: Work, file: CaseFile, due: Due) -> int:
    """The reminder before the end, and the yellow of the ladder."""
    row = await _clock(work, file, due)
    if row is None or not _is_due(row, work.now) or row.warned_at is not None or row.warn_at != due.due_at:
        return 0
    await supervision.warn(work, file, row)
    row.warned_at = row.warned_at or work.now
    if row.stopped_at is None and row.due_at > work.now and row.stage in stages(BEFORE):
        await append(work, file, DueSoon(clock=row.id, stage=row.stage, due=row.due_at, unit=row.unit))
    return 1


async def breach(work: Work, file: CaseFile, due: Due) -> int:
    """The red of the ladder, and the day on which the written reminder will be due."""
    row = await _clock(work, file, due)
    if row is None or not _is_due(row, work.now) or row.due_at > work.now or row.due_at != due.due_at:
        return 0
    if row.stopped_at is not None and row.outcome != "late":
        return 0
    await supervision.breach(work, file, row)
    row.breached_at = row.breached_at or work.now
    if row.stopped_at is None and row.stage in stages(AFTER):
        row.remind_at = day_after(row.due_at, row.unit)
    return 1


async def orders_ahead(work: Work, found: Sequence[tuple[CaseFile, Due]]) -> None:
    """The numbers of the orders that a batch of breaches will issue."""
    rows = [(file, await _clock(work, file, due)) for file, due in found]
    await supervision.orders_ahead(work, [(file, row) for file, row in rows if row is not None])


async def written(work: Work, file: CaseFile, due: Due) -> int:
    """The written reminder the working day after, copied to the deputy in charge; none once the promise is kept."""
    row = await _clock(work, file, due)
    if row is None or row.stopped_at is not None or row.reminded_at is not None or row.remind_at != due.due_at:
        return 0
    row.reminded_at = work.now
    await append(work, file, OverdueTold(clock=row.id, stage=row.stage, due=row.due_at, unit=row.unit))
    return 1


def stages(rule: str) -> frozenset[str]:
    """The stages that a rule names."""
    return frozenset(str(city.current().rule(rule)).split())


def day_after(due: datetime, unit: str = "") -> datetime:
    """When work begins in the unit's county on the first working day after the day on which it was due."""
    days = calendar.of_unit(city.current(), unit)
    close = days.add_working_days(due, 1).at
    day: date = clock.local_day(close)
    opens, _ = days.hours_of(day)[0]
    return clock.on(day) + timedelta(hours=opens)


TIMED: tuple[Timed, ...] = (
    Timed(
        name=WARN, due=_NEXT.format(at="warn_at", what="warned_at IS NULL"), act=warn,
        fell_due=_FELL_DUE.format(at="k.warn_at", over=_VOID),
    ),
    Timed(
        name=BREACH, due=_NEXT.format(at="due_at", what="due_at <= $1"), act=breach, event="breached",
        ahead=orders_ahead,
        fell_due=_FELL_DUE.format(at="k.due_at", over="(k.stopped_at IS NOT NULL AND k.outcome <> 'late')"),
    ),
    Timed(
        name=WRITTEN, due=_WRITTEN, act=written, event="overdue_told",
        fell_due=_FELL_DUE.format(at="k.remind_at", over="(k.stopped_at IS NOT NULL)"),
    ),
)  # fmt: skip
