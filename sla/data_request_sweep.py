"""What time does to requests for data: reminders before a date and at it, dates after a calendar's change, old files.

Each reminder is one row changed under its lock, with the notices written in the same transaction: safe twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from hotline import city, clock, db, files
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.work import Work, work
from sla import calendar, data_requests, targets
from sla.data_requests import STAGE_COLUMNS, StageRow

BATCH = 50
Tell = Callable[..., Awaitable[None]]
"""``channels.reminders.remind``: this floor does not know the doors."""
_STAGES = ", ".join(f"s.{name}" for name in STAGE_COLUMNS.split(", "))
_DUE = f"""
    SELECT {_STAGES}, r.number FROM data_request_stage s JOIN data_request r ON r.id = s.request_id
    WHERE s.next_act_at <= $1 ORDER BY s.next_act_at LIMIT {BATCH} FOR UPDATE OF s SKIP LOCKED
"""
_RUNNING = f"""
    SELECT {STAGE_COLUMNS} FROM data_request_stage
    WHERE next_act_at IS NOT NULL AND measure <> 'clock' AND (warned_at IS NULL OR is_provisional)
    ORDER BY id FOR UPDATE
"""
_OLD = "SELECT id, file_id FROM data_request WHERE file_id IS NOT NULL AND expires_at <= $1 FOR UPDATE SKIP LOCKED"


async def sweep(tell: Tell) -> int:
    """Do all that is due now; how many acts."""
    await renew()
    n = 0
    while done := await _batch(tell):
        n += done
    return n + await expire()


async def _batch(tell: Tell) -> int:
    async with work(SYSTEM) as w:
        rows = await w.connection.fetch(_DUE, w.now)
        for found in rows:
            number = found["number"]
            row = StageRow(**{name: found[name] for name in StageRow.__struct_fields__})
            w.track(row)
            await _remind(w, row, number, tell)
    return len(rows)


async def _remind(w: Work, row: StageRow, number: str, tell: Tell) -> None:
    """The earlier of the two reminders that is not done yet; a date that is past skips the first."""
    stage, at = targets.STAGES[row.stage], clock.local(row.due_at)
    if row.due_at > w.now:
        row.warned_at = w.now
        text = Say(f"{number} {stage.zh}，{at:%m-%d %H:%M} 到期", f"{number}: to {stage.en}, due {at:%m-%d %H:%M}")
        people = ["coordination"]
    else:
        row.warned_at = row.warned_at or w.now
        row.breached_at = w.now
        text = Say(f"{number} {stage.zh}已超期（{at:%m-%d %H:%M}），请办理并说明原因",
                   f"{number}: overdue to {stage.en} since {at:%m-%d %H:%M}; do it and say why")  # fmt: skip
        people = ["coordination", "supervisor"]
    kind = "data_late" if row.breached_at is not None else "data_soon"
    for role in people:
        await tell(w, unit="", kind=kind, case=None, text=text, to=role, key=f"{kind}:{row.id}:{role}")


async def renew() -> int:
    """Reckon running dates anew where the calendar or an announcement changed; how many moved."""
    days, moved = calendar.of(city.current()), 0
    async with work(SYSTEM) as w:
        for found in await w.connection.fetch(_RUNNING):
            row = StageRow(**found)
            w.track(row)
            one = data_requests.promise(row.stage, row.started_at, row.measure, float(row.amount))
            moved += one.due_at != row.due_at
            row.due_at, row.is_provisional, row.warn_at = one.due_at, one.provisional, targets.warn_at(days, one)
    return moved


async def expire() -> int:
    """Remove supplied files whose time is over: the row in the transaction, the bytes after it."""
    async with db.atomic() as connection:
        rows = await connection.fetch(_OLD, clock.now())
        gone: list[UUID] = [row["file_id"] for row in rows]
        await connection.execute("DELETE FROM attachment WHERE id = ANY($1::uuid[])", gone)
    for one in gone:
        files.path_of(one).unlink(missing_ok=True)
    return len(gone)
