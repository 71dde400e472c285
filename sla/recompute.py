"""A changed calendar moves running promises: what it would move, and the job that reckons them anew from their start.

Only promises that nobody was warned of, or that were provisional, are touched; those around the clock never, nor the
dates that one unit set another below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import msgspec

from cases import events as e
from cases import ledger
from hotline import city, clock, db, jobs
from hotline.actor import SYSTEM, Actor
from hotline.ids import new_id
from hotline.work import work
from sla import calendar, clocks, history, pausing, targets
from sla.calendar import Calendar
from sla.rows import ClockRow

SETTLED = timedelta(minutes=2)
"""Until then a process may still reckon by the calendar it had read before, so the change is gone over again."""
PAGE = 200
MOST_HOURS = 20_000
FAR = date(2150, 1, 1)

_CANDIDATE = """next_act_at IS NOT NULL AND measure <> 'clock' AND stage <> 'report_up'
    AND (is_provisional OR warned_at IS NULL) AND started_at < $2 AND due_at >= $1"""
_DAYS = f"""
    SELECT (started_at AT TIME ZONE 'Asia/Shanghai')::date AS day, amount, due_at, is_provisional, count(*) AS n
    FROM clock WHERE {_CANDIDATE} AND measure = 'wd' GROUP BY 1, 2, 3, 4
"""
_HOURS = f"""
    SELECT started_at, amount, due_at, is_provisional FROM clock WHERE {_CANDIDATE} AND measure = 'h'
    LIMIT {MOST_HOURS}
"""
_CASES = f"""
    SELECT DISTINCT case_id FROM clock WHERE {_CANDIDATE} AND ($3::uuid IS NULL OR case_id > $3)
    ORDER BY case_id LIMIT {PAGE}
"""


class Effect(msgspec.Struct):
    """What a change of the calendar does to running promises: how many end later, earlier, or become firm."""

    later: int = 0
    earlier: int = 0
    settled: int = 0

    @property
    def moved(self) -> int:
        """Due dates that change."""
        return self.later + self.earlier

    def count(self, before: datetime, after: datetime, was: bool, now: bool, n: int) -> None:  # noqa: FBT001
        """Take ``n`` promises into account that end ``before`` now and ``after`` then."""
        if after > before:
            self.later += n
        elif after < before:
            self.earlier += n
        if was and not now:
            self.settled += n


class Change(msgspec.Struct, frozen=True):
    """One change of the calendar and how far the worker is with it."""

    id: UUID
    at: datetime
    by: UUID
    first_day: date
    last_day: date
    case_after: UUID | None
    moved: int
    done_at: datetime | None


_COLUMNS = ", ".join(Change.__struct_fields__)


async def preview(connection: db.Connection, new: Calendar, first: date, last: date) -> Effect:
    """What would move if the calendar were ``new``, which differs from today's on ``first`` to ``last`` only."""
    effect = Effect()
    span = _span(first, last)
    for row in await connection.fetch(_DAYS, *span):
        start = datetime.combine(row["day"], time(12), new.zone)
        at, provisional = targets.ends(new, start, "wd", float(row["amount"]))
        effect.count(row["due_at"], at, row["is_provisional"], provisional, row["n"])
    for row in await connection.fetch(_HOURS, *span):
        at, provisional = targets.ends(new, row["started_at"], "h", float(row["amount"]))
        effect.count(row["due_at"], at, row["is_provisional"], provisional, 1)
    return effect


async def note(connection: db.Connection, actor: Actor, first: date, last: date) -> UUID:
    """Leave the change for the worker, in the transaction that makes it; nudge ``recompute_clocks`` after it."""
    change = new_id()
    await connection.execute(
        "INSERT INTO calendar_change (id, at, by, first_day, last_day) VALUES ($1, $2, $3, $4, $5)",
        change, clock.now(), actor.id, first, last,
    )  # fmt: skip
    return change


async def recent(connection: db.Connection, limit: int = 5) -> list[Change]:
    """The last changes of the calendar, newest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM calendar_change ORDER BY at DESC LIMIT $1", limit)
    return [Change(**row) for row in rows]


async def run() -> int:
    """Do what changes of the calendar have left; how many due dates moved. Safe twice, side by side and cut short.

    A case at a time, in the order of ids, and where one stopped is kept: a worker that dies goes on from there.
    """
    async with db.reading() as connection:
        rows = await connection.fetch(f"SELECT {_COLUMNS} FROM calendar_change WHERE done_at IS NULL ORDER BY at DESC")
    if not rows:
        return 0
    await city.refresh()
    moved = 0
    for row in rows:
        moved += await _through(Change(**row))
    if moved:
        await jobs.publish("live", "queue")
    return moved


async def _through(change: Change) -> int:
    span, after, moved = _span(change.first_day, change.last_day), change.case_after, 0
    while True:
        async with db.reading() as connection:
            found = [row["case_id"] for row in await connection.fetch(_CASES, *span, after)]
        if not found:
            break
        done = sum([await _case(one) for one in found])
        moved, after = moved + done, found[-1]
        await _keep(change, "moved = moved + $2, case_after = $3", done, after)
    if clock.now() - change.at >= SETTLED:
        await _keep(change, "done_at = $2", clock.now())
    else:
        await _keep(change, "case_after = NULL")
    return moved


async def _keep(change: Change, sets: str, *values: object) -> None:
    async with db.atomic() as connection:
        await connection.execute(f"UPDATE calendar_change SET {sets} WHERE id = $1", change.id, *values)


async def _case(case_id: UUID) -> int:
    """Reckon one case's promises anew; the ledger and the queue learn the new dates in the same transaction."""
    working = calendar.of(city.current())
    async with work(SYSTEM) as w:
        file = await ledger.opened(w, case_id=case_id)
        moved = list(moved_by(working, await clocks.of_case(w, file)))
        for row in moved:
            if row.subject == "order":
                await w.connection.execute(
                    "UPDATE supervision_order SET due_at = $2 WHERE id = $1", row.subject_id, row.due_at
                )
        if moved:
            await ledger.append(w, file, e.Promised(promises=tuple(map(clocks.promised, moved))))
        await clocks.show_next(w, file)
    return len(moved)


def moved_by(working: Calendar, rows: list[ClockRow]) -> Iterator[ClockRow]:
    """Put the new dates on the rows that may change, and give those whose due date did."""
    for row in rows:
        set_by_hand = row.measure == "clock" or row.stage == "report_up"
        untouched = set_by_hand or row.stopped_at is not None or row.breached_at is not None
        if untouched or (row.warned_at is not None and not row.is_provisional):
            continue
        before = row.due_at
        row.due_at, row.is_provisional = history.reckon(
            working, row.started_at, row.measure, float(row.amount), history.read(row.history)
        )
        row.warn_at = targets.warn_at(working, pausing.promise_of(row))
        if row.due_at != before:
            yield row


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of ``first`` to the end of ``last``."""
    return clock.on(first), clock.on(min(last, FAR) + timedelta(days=1))
