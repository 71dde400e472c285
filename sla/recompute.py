"""A changed calendar moves running promises: the job that reckons them anew from their start (``sla.moves`` previews).

Only promises that nobody was warned of, or that were provisional, are touched; those around the clock never, nor the
dates that one unit set another below it. One that stands still or was extended is reckoned in the light of its history.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases import events as e
from cases import ledger
from cases.file import CaseFile
from hotline import city, clock, db, jobs
from hotline.actor import SYSTEM, Actor
from hotline.ids import new_id
from hotline.work import Work, work
from sla import calendar, clocks, co_handling, history, standing
from sla.calendar import Calendar
from sla.rows import ClockRow

SETTLED = timedelta(minutes=2)
"""Until then a process may still reckon by the calendar it had read before, so the change is gone over again."""
PAGE, LANES = 200, 2
"""Cases of one transaction: whoever acts on one of them meanwhile waits for a fraction of a second. Two transactions
side by side: one is reckoned while the database writes the other."""
LOOKED = 4_000
"""Promises looked at in one go, without a lock, for those that would move."""
FAR = date(2150, 1, 1)

CANDIDATE = """stopped_at IS NULL AND breached_at IS NULL AND measure <> 'clock' AND stage <> 'report_up'
    AND (is_provisional OR warned_at IS NULL) AND started_at < $2 AND due_at >= $1
    AND ($3::text[] IS NULL OR unit = ANY($3))"""
"""A promise that a change of the days $1 to $2 may move, of all units or of those in $3."""
_LOOK = f"""
    SELECT id, case_id, unit, measure, amount, started_at, due_at, is_provisional, history FROM clock
    WHERE {CANDIDATE} AND (case_id, id) > ($4, $5) ORDER BY case_id, id LIMIT {LOOKED}
"""
_FIRST = UUID(int=0)
_BESIDE = {"order": "supervision_order", "instruction": "instruction"}
"""Subjects whose own rows tell the date too."""
CalendarOf = Callable[[str], Calendar]
"""The calendar by which a unit's clocks run."""
Span = tuple[datetime, datetime, list[str] | None]


class Change(msgspec.Struct, frozen=True):
    """One change of the calendar, of the city or of one county, and how far the worker is with it."""

    id: UUID
    at: datetime
    by: UUID
    first_day: date
    last_day: date
    jurisdiction: str
    case_after: UUID | None
    moved: int
    settled: int
    done_at: datetime | None


class Tally(msgspec.Struct):
    """What a pass has done: due dates that moved, and provisional ones that became firm."""

    moved: int = 0
    settled: int = 0

    def add(self, other: Tally) -> None:
        """Count another's too."""
        self.moved += other.moved
        self.settled += other.settled


_COLUMNS = ", ".join(Change.__struct_fields__)


async def note(connection: db.Connection, actor: Actor, first: date, last: date, jurisdiction: str = "") -> UUID:
    """Leave the change for the worker, in the transaction that makes it; nudge ``recompute_clocks`` after it."""
    change = new_id()
    await connection.execute(
        "INSERT INTO calendar_change (id, at, by, first_day, last_day, jurisdiction) VALUES ($1, $2, $3, $4, $5, $6)",
        change, clock.now(), actor.id, first, last, jurisdiction,
    )  # fmt: skip
    return change


async def recent(connection: db.Connection, limit: int = 5) -> list[Change]:
    """The last changes of the calendar, newest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM calendar_change ORDER BY at DESC LIMIT $1", limit)
    return [Change(**row) for row in rows]


def span(first: date, last: date, jurisdiction: str = "") -> Span:
    """What CANDIDATE asks: from the first moment of ``first`` to the end of ``last``, and the units of the county."""
    return clock.on(first), clock.on(min(last, FAR) + timedelta(days=1)), units_in(jurisdiction)


def units_in(jurisdiction: str) -> list[str] | None:
    """The units whose clocks run by a county's calendar; None for the city's, which reaches all."""
    if not jurisdiction:
        return None
    snapshot = city.current()
    return [code for code in snapshot.units if calendar.jurisdiction_of(snapshot, code) == jurisdiction]


def today_of(unit: str) -> Calendar:
    """The calendar by which a unit's clocks run as the city has it now."""
    return calendar.of_unit(city.current(), unit)


async def run() -> int:
    """Do what changes of the calendar have left; how many due dates moved. Safe twice, side by side and cut short.

    Pages of cases in the order of ids; each counts what it moved, and how far all is done, in its own transaction: a
    worker that dies goes on from there.
    """
    async with db.reading() as connection:
        rows = await connection.fetch(f"SELECT {_COLUMNS} FROM calendar_change WHERE done_at IS NULL ORDER BY at DESC")
    if not rows:
        return 0
    await city.refresh()
    total = Tally()
    for row in rows:
        total.add(await _through(Change(**row)))
    if total.moved or total.settled:
        await jobs.publish("live", "queue")
    return total.moved


async def _through(change: Change) -> Tally:
    total = Tally()
    for done in await _abreast(_Way(change, _pages(change))):
        total.add(done)
    if clock.now() - change.at >= SETTLED:
        await _keep(change, "done_at = $2", clock.now())
    else:
        await _keep(change, "case_after = NULL")
    return total


async def _pages(change: Change) -> AsyncIterator[list[UUID]]:
    """The cases of which a promise would move, in the order of ids, some at a time."""
    reach = span(change.first_day, change.last_day, change.jurisdiction)
    after = (change.case_after or _FIRST, _FIRST)
    while True:
        async with db.reading() as connection:
            found = await connection.fetch(_LOOK, *reach, *after)
        if not found:
            return
        after = (found[-1]["case_id"], found[-1]["id"])
        cases = sorted({row["case_id"] for row in found if reckoned(row) != (row["due_at"], row["is_provisional"])})
        for first in range(0, len(cases), PAGE):
            yield cases[first : first + PAGE]


class _Way:
    """The pages of one change, each for whichever lane comes first, and how far all of them are done."""

    def __init__(self, change: Change, pages: AsyncIterator[list[UUID]]) -> None:
        self.change = change
        self._pages = pages
        self._turn = asyncio.Lock()
        self._before = change.case_after or _FIRST
        self._open: dict[UUID, UUID] = {}
        """The last case of each page that is being done, with the last one of the page before it."""
        self.is_blocked = False

    async def page(self) -> list[UUID]:
        """The next page; empty at the end, and once a lane has failed."""
        async with self._turn:
            cases = [] if self.is_blocked else await anext(self._pages, [])
            if cases:
                self._open[cases[-1]] = self._before
                self._before = cases[-1]
            return cases

    def leave(self, cases: Sequence[UUID]) -> None:
        """Say that a page is done and committed."""
        del self._open[cases[-1]]

    async def count(self, connection: db.Connection, done: Tally) -> None:
        """Note what this transaction moves, and up to where all is done, in itself: last of all, for others wait."""
        sets = "moved = moved + $2, settled = settled + $3, case_after = $4"
        sql = f"UPDATE calendar_change SET {sets} WHERE id = $1"
        await connection.execute(sql, self.change.id, done.moved, done.settled, min(self._open.values()))


async def _abreast(way: _Way) -> list[Tally]:
    """All pages, in as many lanes as one is reckoned while the database writes another; the first failure is raised."""
    done = await asyncio.gather(*(_lane(way) for _ in range(LANES)), return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if isinstance(one, Tally)]


async def _lane(way: _Way) -> Tally:
    total = Tally()
    try:
        while cases := await way.page():
            total.add(await _page(way, cases))
            way.leave(cases)
    except BaseException:
        way.is_blocked = True
        raise
    return total


def reckoned(row: Mapping[str, Any], by: CalendarOf | None = None) -> tuple[datetime, bool]:
    """When the promise of a clock's record is due by these calendars (today's), and whether that is provisional."""
    working = (by or today_of)(row["unit"])
    acts = history.read(row["history"])
    due, provisional = history.reckon(working, row["started_at"], row["measure"], float(row["amount"]), acts)
    return (row["due_at"] if _is_over(due, row["due_at"], clock.now()) else due), provisional


def _is_over(due: datetime, before: datetime, now: datetime) -> bool:
    """Whether a date that is still ahead would move to a moment that has passed: nobody could keep it, so it stays."""
    return due <= now < before


async def _keep(change: Change, sets: str, *values: object) -> None:
    async with db.atomic() as connection:
        await connection.execute(f"UPDATE calendar_change SET {sets} WHERE id = $1", change.id, *values)


async def _page(way: _Way, case_ids: Sequence[UUID]) -> Tally:
    """Reckon these cases anew in one transaction; those that somebody holds come after it, one at a time."""
    total = Tally()
    async with work(SYSTEM) as w:
        files = await ledger.opened_all(w, case_ids)
        await _read_clocks(w, files)
        for file in files:
            total.add(await _case(w, file))
        await w.flush()
        await way.count(w.connection, total)
    for case_id in sorted(set(case_ids).difference(file.case.id for file in files)):
        async with work(SYSTEM) as w:
            late = await _case(w, await ledger.opened(w, case_id=case_id))
            await w.flush()
            await way.count(w.connection, late)
        total.add(late)
    return total


async def _read_clocks(work: Work, files: Sequence[CaseFile]) -> None:
    """The clocks of many cases in one statement, where ``clocks.of_case`` finds them."""
    kept: dict[UUID, list[ClockRow]] = work.kept.setdefault("clocks", {})
    kept.update({file.case.id: [] for file in files})
    columns = ", ".join(ClockRow.__struct_fields__)
    sql = f"SELECT {columns} FROM clock WHERE case_id = ANY($1::uuid[]) ORDER BY started_at, id"
    for record in await work.connection.fetch(sql, [file.case.id for file in files]):
        row = ClockRow(**record)
        work.track(row)
        kept[row.case_id].append(row)


async def _case(work: Work, file: CaseFile) -> Tally:
    """Reckon one case's promises anew; the ledger and the queue learn the new dates in the same transaction."""
    rows = await clocks.of_case(work, file)
    before = {row.id: (row.due_at, row.is_provisional) for row in rows}
    changed = list(moved_by(rows, work.now))
    if changed:
        changed += _lead_follows(file, rows, work.now, {row.id for row in changed})
        for row in changed:
            if (table := _BESIDE.get(row.subject)) is not None:
                sql = f"UPDATE {table} SET due_at = $2 WHERE id = $1"
                await work.connection.execute(sql, row.subject_id, row.due_at)
        await ledger.append(work, file, e.Promised(promises=tuple(map(clocks.promised, changed))))
        await clocks.show_next(work, file)
    return Tally(
        sum(row.due_at != before[row.id][0] for row in changed),
        sum(before[row.id][1] and not row.is_provisional for row in changed),
    )


def moved_by(rows: Sequence[ClockRow], now: datetime) -> Iterator[ClockRow]:
    """Put the new dates on the rows that may change; gives those whose date moved or became firm, or open again.

    No date moves to a moment that is over at ``now``.
    """
    for row in rows:
        set_by_hand = row.measure == "clock" or row.stage == "report_up"
        untouched = set_by_hand or row.stopped_at is not None or row.breached_at is not None
        if untouched or (row.warned_at is not None and not row.is_provisional):
            continue
        before, warning = (row.due_at, row.is_provisional), row.warn_at
        standing.reckon(row)
        if _is_over(row.due_at, before[0], now):
            row.due_at, row.warn_at = before[0], warning
        if (row.due_at, row.is_provisional) != before:
            yield row


def _lead_follows(
    file: CaseFile, rows: Sequence[ClockRow], now: datetime, already: Collection[UUID]
) -> list[ClockRow]:
    """The lead's promise, moved behind the last co-handler's where the calendar put that one after it (000-12).

    So it may come out where the lead was warned already and kept its date, or where their counties differ: then the
    lead's is reckoned anew too, and made longer only where that is not enough.
    """
    finish = [row for row in rows if row.stage == "finish" and row.stopped_at is None]
    lead = next((row for row in finish if file.lead is not None and row.subject_id == file.lead.id), None)
    shares = {one.id for one in file.live if one.role == "co"}
    last = max((row.due_at for row in finish if row.subject_id in shares), default=None)
    if lead is None or last is None or last <= lead.due_at or not co_handling.is_running(lead, now):
        return []
    standing.reckon(lead)
    if lead.due_at < last:
        co_handling.follow(lead, last)
    return [] if lead.id in already else [lead]
