"""A unit's work in bands by time left, what it did today, and the nearest running promise of some cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cases.worklists import CASE_COLUMNS, COUNTED, Item
from hotline import clock, db
from hotline.errors import Say
from sla.rows import OrderRow

SIZE = 100
BANDS: dict[str, Say] = {
    "sign": Say("待签收", "To acknowledge"),
    "today": Say("超期、今日到期", "Overdue or due today"),
    "soon": Say("临期", "Due soon"),
    "other": Say("其他", "Others"),
    "paused": Say("暂停", "Paused"),
    "audit": Say("待审核", "Awaiting audit"),
}
EMPTY: dict[str, Say] = {
    "sign": Say("没有待签收的诉求，新来的会排在最前。", "Nothing to acknowledge; new cases come first here."),
    "today": Say("没有超期或今天到期的。", "Nothing is overdue or due today."),
    "soon": Say("没有临期的。", "Nothing is due soon."),
    "other": Say("没有其他在办的。", "Nothing else in progress."),
    "paused": Say("没有暂停的。", "Nothing stands still."),
    "audit": Say("没有等审核的。", "Nothing awaits audit."),
}


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A running promise of a case: its stage, measure (wd, h, clock) and moments."""

    stage: str
    measure: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    is_provisional: bool
    paused_for: str | None = None
    """Why it stands, when it does: no time of it runs."""


class Task(Item, frozen=True, kw_only=True):
    """One unit's share of a case with the nearest of its own promises (None once nothing of it runs).

    ``from_unit`` is who handed it down; ``below`` are ``unit:state`` of the shares handed down from it.
    """

    assignment_state: str
    role: str
    stage: str | None = None
    measure: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    is_provisional: bool | None = None
    paused_for: str | None = None
    handled_at: datetime | None = None
    head_asked_at: datetime | None = None
    objection: str | None = None
    from_unit: str | None = None
    below: Sequence[str] = ()

    @property
    def running(self) -> Running | None:
        """The promise as such."""
        if self.due_at is None:
            return None
        kept = {name: getattr(self, name) for name in Running.__struct_fields__}
        return msgspec.convert(kept, Running)


_CASE = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_TASK = f"""{_CASE}, a.id AS assignment, a.unit, a.state AS assignment_state, a.role, a.handled_at, a.head_asked_at,
    a.objection, (SELECT p.unit FROM assignment p WHERE p.id = a.parent_assignment) AS from_unit,
    ARRAY(SELECT b.unit || ':' || b.state FROM assignment b
          WHERE b.parent_assignment = a.id AND b.state NOT IN ('recalled', 'ended') ORDER BY b.id) AS below"""
_NOT_ABOVE = """(a.parent_assignment IS NULL OR NOT EXISTS (
    SELECT FROM assignment p WHERE p.id = a.parent_assignment AND p.unit = ANY($1::text[])))"""
"""Whoever has the share above sees what was handed down on its own line, not as a case more."""
_NEAREST = """LEFT JOIN LATERAL (SELECT stage, measure, started_at, due_at, warn_at, is_provisional, paused_for
    FROM clock WHERE case_id = a.case_id AND subject_id = a.id AND stopped_at IS NULL
    ORDER BY paused_at IS NOT NULL, due_at LIMIT 1) k ON TRUE"""
_WORKING = f"""
    WITH mine AS (
        SELECT a.id, CASE WHEN a.state = 'dispatched' THEN 'sign' WHEN k.paused_for IS NOT NULL THEN 'paused'
                          WHEN k.due_at < $2 THEN 'today'
                          WHEN k.warn_at <= $3 THEN 'soon' ELSE 'other' END AS band,
               k.stage, k.measure, k.started_at, k.due_at, k.warn_at, k.is_provisional, k.paused_for
        FROM assignment a {_NEAREST}
        WHERE a.unit = ANY($1::text[]) AND a.state IN ('dispatched', 'return_requested', 'signed', 'in_progress')
          AND {_NOT_ABOVE}
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY band ORDER BY due_at NULLS LAST, id) AS place,
               count(*) OVER (PARTITION BY band) AS n
        FROM mine
    )
    SELECT k.band, k.n, {_TASK}, k.stage, k.measure, k.started_at, k.due_at, k.warn_at, k.is_provisional, k.paused_for
    FROM ranked k JOIN assignment a ON a.id = k.id JOIN cases c ON c.id = a.case_id
    WHERE k.place <= $4 ORDER BY k.band, k.place
"""
_AUDITED = f"""
    SELECT 'audit' AS band, count(*) OVER () AS n, {_TASK} FROM assignment a JOIN cases c ON c.id = a.case_id
    WHERE a.unit = ANY($1::text[]) AND a.state = 'handled' AND c.is_open AND c.state IN ('active', 'rework')
      AND {_NOT_ABOVE}
    ORDER BY a.handled_at DESC, c.id LIMIT $2
"""
_DONE = f"""
    SELECT {_TASK} FROM assignment a JOIN cases c ON c.id = a.case_id
    WHERE a.unit = ANY($1::text[]) AND a.handled_at >= $3 AND {_NOT_ABOVE} ORDER BY a.handled_at DESC, c.id LIMIT $2
"""


class Band(msgspec.Struct, kw_only=True):
    """One band: its nearest tasks, and how many there are in all."""

    tasks: list[Task] = msgspec.field(default_factory=list)
    n: int = 0


async def bands(connection: db.Connection, units: Sequence[str], now: datetime, size: int) -> dict[str, Band]:
    """The bands of these units, the ``size`` nearest of each: what was not acknowledged, then by time left at ``now``.

    Late ones count as today's. Two statements, over the units' own open assignments only.
    """
    found = {name: Band() for name in BANDS}
    tomorrow = clock.on(clock.local_day(now) + timedelta(days=1))
    rows = [
        *await connection.fetch(_WORKING, list(units), tomorrow, now, size),
        *await connection.fetch(_AUDITED, list(units), size),
    ]
    for row in rows:
        band = found[row["band"]]
        band.n = row["n"]
        band.tasks.append(Task(**{name: value for name, value in row.items() if name not in {"band", "n"}}))
    return found


async def done_today(connection: db.Connection, units: Sequence[str], now: datetime) -> list[Task]:
    """What these units submitted today, the last first."""
    return [Task(**row) for row in await connection.fetch(_DONE, list(units), SIZE, clock.on(clock.local_day(now)))]


async def count(connection: db.Connection, units: Sequence[str]) -> int:
    """How many cases these units still have to act on, at most COUNTED."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM (SELECT FROM assignment a WHERE unit = ANY($1::text[]) "
            f"AND state IN ('dispatched', 'signed', 'in_progress') AND {_NOT_ABOVE} LIMIT $2) x",
            list(units),
            COUNTED,
        )
    )


async def nearest(connection: db.Connection, cases: Sequence[UUID]) -> dict[UUID, Running]:
    """The nearest running promise of each of these cases, in one statement."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (case_id) case_id, stage, measure, started_at, due_at, warn_at, is_provisional, paused_for "
        "FROM clock WHERE case_id = ANY($1::uuid[]) AND stopped_at IS NULL "
        "ORDER BY case_id, paused_at IS NOT NULL, due_at",
        list(cases),
    )
    return {row["case_id"]: Running(**{k: v for k, v in row.items() if k != "case_id"}) for row in rows}


async def nearest_of(connection: db.Connection, case_id: UUID, subject: UUID) -> Running | None:
    """The nearest running promise of one assignment, request or order of a case."""
    row = await connection.fetchrow(
        "SELECT stage, measure, started_at, due_at, warn_at, is_provisional, paused_for FROM clock "
        "WHERE case_id = $1 AND subject_id = $2 AND stopped_at IS NULL ORDER BY paused_at IS NOT NULL, due_at LIMIT 1",
        case_id,
        subject,
    )
    return Running(**row) if row is not None else None


_APPROVALS = f"""
    SELECT {_TASK}, k.stage, k.measure, k.started_at, k.due_at, k.warn_at, k.is_provisional, k.paused_for
    FROM assignment a JOIN cases c ON c.id = a.case_id {_NEAREST}
    WHERE a.unit = ANY($1::text[]) AND a.head_asked_at IS NOT NULL AND a.state = 'in_progress' AND c.is_open
    ORDER BY k.due_at NULLS LAST, a.id LIMIT $2
"""


async def approvals(connection: db.Connection, units: Sequence[str]) -> list[Task]:
    """Results of these units that wait for the head, nearest due first."""
    return [Task(**row) for row in await connection.fetch(_APPROVALS, list(units), SIZE)]


async def orders_of(connection: db.Connection, units: Sequence[str], case_id: UUID | None = None) -> list[OrderRow]:
    """The supervision orders that these units still have to answer, of one case or of all, nearest due first.

    Not on a case that was merged: the share that it was about has ended, and rests until it comes back.
    """
    columns = ", ".join(f"o.{name}" for name in OrderRow.__struct_fields__)
    rows = await connection.fetch(
        f"SELECT {columns} FROM supervision_order o WHERE o.unit = ANY($1::text[]) "
        "AND o.answered_at IS NULL AND o.ended_at IS NULL "
        "AND ($2::uuid IS NULL OR o.case_id = $2) "
        "AND NOT EXISTS (SELECT FROM cases c WHERE c.id = o.case_id AND c.state = 'merged') "
        "ORDER BY o.due_at, o.id LIMIT $3",
        list(units),
        case_id,
        SIZE,
    )
    return [OrderRow(**row) for row in rows]


async def numbers_of(connection: db.Connection, cases: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of some cases."""
    rows = await connection.fetch("SELECT id, number FROM cases WHERE id = ANY($1::uuid[])", list(cases))
    return {row["id"]: row["number"] for row in rows}
