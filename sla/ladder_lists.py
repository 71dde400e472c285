"""What the ladder's pages list: orders, papers and instructions within a viewer's reach, and the ladder of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import scope
from cases.ledger import columns, read_row
from hotline import db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.permissions import may
from sla.board import SIZE, reach
from sla.rows import OrderRow
from sla.rows_ladder import InstructionRow, PaperRow, StepRow

HOLDS = "ladder.hold"
ORDER_STATES = {
    "open": "t.answered_at IS NULL AND t.ended_at IS NULL",
    "late": "t.answered_at IS NULL AND t.ended_at IS NULL AND t.due_at < {now}",
    "answered": "t.answered_at IS NOT NULL AND t.ended_at IS NULL",
    "ended": "t.ended_at IS NOT NULL",
}
_SEEN = "c.number AS case_number, c.title, c.kind, c.matter, c.is_confidential, c.about_units"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A row with as much of its case as a list shows; the case's fields are empty for a paper without one."""

    row: Any
    case_number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: Sequence[str]

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


def _seen(kind: type[Any], record: Mapping[str, Any]) -> Seen:
    own = set(kind.__struct_fields__)
    row = read_row(kind, {name: record[name] for name in own})
    case = {name: record[name] for name in ("case_number", "title", "kind", "matter", "is_confidential", "about_units")}
    if case["case_number"] is None:
        case = {"case_number": "", "title": "", "kind": "", "matter": None, "is_confidential": False, "about_units": []}
    return Seen(row=row, **case)


def _own(kind: type[Any]) -> str:
    return ", ".join(f"t.{name}" for name in kind.__struct_fields__)


async def orders(
    connection: db.Connection,
    actor: Actor,
    now: datetime,
    *,
    state: str = "open",
    unit: str = "",
    case: UUID | None = None,
) -> list[Seen]:
    """Supervision orders within reach; ``state``: a key of ORDER_STATES or "" for all. Open ones nearest due first."""
    r = reach(actor, with_case=True)
    parts = [r.where]
    if state in ORDER_STATES:
        where = ORDER_STATES[state]
        parts.append(where.format(now=r.arg(now)) if "{now}" in where else where)
    if unit:
        parts.append(f"t.unit = {r.arg(unit)}")
    if case is not None:
        parts.append(f"t.case_id = {r.arg(case)}")
    order = "t.due_at, t.id" if state in ("open", "late") else "t.issued_at DESC, t.id"
    rows = await connection.fetch(
        f"SELECT {_own(OrderRow)}, {_SEEN} FROM supervision_order t {r.join} WHERE {' AND '.join(parts)} "
        f"ORDER BY {order} LIMIT {SIZE}",
        *r.args,
    )
    return [_seen(OrderRow, row) for row in rows]


async def order_of(connection: db.Connection, actor: Actor, identifier: UUID) -> Seen:
    """One order within reach; the 404 refusal otherwise."""
    r = reach(actor, with_case=True)
    row = await connection.fetchrow(
        f"SELECT {_own(OrderRow)}, {_SEEN} FROM supervision_order t {r.join} WHERE t.id = {r.arg(identifier)} "
        f"AND {r.where}",
        *r.args,
    )
    if row is None:
        raise not_found()
    return _seen(OrderRow, row)


def _paper_reach(actor: Actor, args: list[object]) -> str:
    """Those who hold the ladder see every paper; a unit's heads what took effect over their own units."""
    if may(actor, HOLDS):
        return "TRUE"
    if actor.roles & {"unit_head", "unit_deputy"}:
        args.append(list(actor.units))
        return f"(t.unit = ANY(${len(args)}::text[]) AND t.effective_at IS NOT NULL)"
    return "FALSE"


async def papers(
    connection: db.Connection,
    actor: Actor,
    *,
    measure: str = "",
    state: str = "open",
    unit: str = "",
    case: UUID | None = None,
) -> list[Seen]:
    """Papers within reach, the last first. ``state``: open, over, a state of papers, or "" for all."""
    args: list[object] = []
    parts = [_paper_reach(actor, args)]

    def add(text: str, value: object) -> None:
        args.append(value)
        parts.append(text.format(f"${len(args)}"))

    if measure:
        add("t.measure = {}", measure)
    if state in ("open", "over"):
        parts.append("t.ended_at IS NULL" if state == "open" else "t.ended_at IS NOT NULL")
    elif state:
        add("t.state = {}", state)
    if unit:
        add("t.unit = {}", unit)
    if case is not None:
        add("t.case_id = {}", case)
    rows = await connection.fetch(
        f"SELECT {_own(PaperRow)}, {_SEEN} FROM ladder_paper t LEFT JOIN cases c ON c.id = t.case_id "
        f"WHERE {' AND '.join(parts)} ORDER BY t.drafted_at DESC, t.id LIMIT {SIZE}",
        *args,
    )
    return [_seen(PaperRow, row) for row in rows]


async def paper_of(connection: db.Connection, actor: Actor, identifier: UUID) -> Seen:
    """One paper within reach; the 404 refusal otherwise."""
    args: list[object] = [identifier]
    where = _paper_reach(actor, args)
    row = await connection.fetchrow(
        f"SELECT {_own(PaperRow)}, {_SEEN} FROM ladder_paper t LEFT JOIN cases c ON c.id = t.case_id "
        f"WHERE t.id = $1 AND {where}",
        *args,
    )
    if row is None:
        raise not_found()
    return _seen(PaperRow, row)


async def steps(connection: db.Connection, paper: UUID) -> list[StepRow]:
    """A paper's steps in order: who, when, under which rule."""
    rows = await connection.fetch(f"SELECT {columns(StepRow)} FROM ladder_step WHERE paper_id = $1 ORDER BY seq", paper)
    return [StepRow(**row) for row in rows]


async def instructions(
    connection: db.Connection, actor: Actor, *, is_mine: bool = False, state: str = "open", case: UUID | None = None
) -> list[Seen]:
    """Leaders' instructions within reach, nearest report first; ``is_mine``: those that the actor gave."""
    args: list[object] = []
    if is_mine:
        args.append(actor.id)
        parts = ["t.given_by = $1"]
    else:
        r = reach(actor, with_case=True)
        args, parts = r.args, [r.where]
    if state in ("open", "over"):
        parts.append("t.reported_at IS NULL" if state == "open" else "t.reported_at IS NOT NULL")
    if case is not None:
        args.append(case)
        parts.append(f"t.case_id = ${len(args)}")
    rows = await connection.fetch(
        f"SELECT {_own(InstructionRow)}, {_SEEN} FROM instruction t JOIN cases c ON c.id = t.case_id "
        f"WHERE {' AND '.join(parts)} ORDER BY t.reported_at DESC NULLS FIRST, t.due_at, t.id LIMIT {SIZE}",
        *args,
    )
    return [_seen(InstructionRow, row) for row in rows]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card over a case: its record, whom it cost what, and the points given back if it was cancelled."""

    id: UUID
    cause: str
    unit: str
    at: datetime
    points: int
    by: UUID | None
    rule: str
    is_cancelled: bool


_CARDS = """
    SELECT r.id, r.cause, r.unit, r.at, r.points, e.actor AS by,
        coalesce(e.data::jsonb ->> 'rule', CASE r.cause WHEN 'yellow' THEN 'before_due' ELSE 'overdue' END) AS rule,
        EXISTS (SELECT FROM supervision_record b WHERE b.cause = 'card_cancelled' AND b.cause_id = r.id) AS is_cancelled
    FROM supervision_record r
    LEFT JOIN case_event e ON e.case_id = r.case_id AND e.kind IN ('carded', 'warned', 'breached')
        AND e.data::jsonb ->> 'record' = r.id::text
    WHERE r.case_id = $1 AND r.cause IN ('yellow', 'red') ORDER BY r.at, r.id
"""


async def cards(connection: db.Connection, actor: Actor, case: UUID) -> list[Card]:
    """The cards given over a case, cancelled ones too; a unit sees its own."""
    found = [Card(**row) for row in await connection.fetch(_CARDS, case)]
    return [one for one in found if not scope.is_of_unit(actor) or one.unit in actor.units]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the supervision office, as figures."""

    reviews: int
    late_orders: int
    drafts: int
    called: int
    reported: int
    recorded: int
    late_papers: int
    instructions: int
    alerts: int


_WAITING = """
    SELECT (SELECT count(*) FROM supervision_order WHERE answered_at IS NOT NULL AND ended_at IS NULL) AS reviews,
    (SELECT count(*) FROM supervision_order WHERE answered_at IS NULL AND ended_at IS NULL AND due_at < $1)
        AS late_orders,
    (SELECT count(*) FROM instruction WHERE reported_at IS NULL AND due_at < $1) AS instructions,
    (SELECT count(*) FROM alert WHERE answered_at IS NULL AND escalated >= 3) AS alerts, p.* FROM (
        SELECT count(*) FILTER (WHERE state = 'draft') AS drafts, count(*) FILTER (WHERE state = 'called') AS called,
        count(*) FILTER (WHERE state = 'reported') AS reported, count(*) FILTER (WHERE state = 'recorded') AS recorded,
        count(*) FILTER (WHERE state IN ('issued', 'held') AND due_at < $1) AS late_papers
        FROM ladder_paper WHERE ended_at IS NULL
    ) p
"""


async def waiting(connection: db.Connection, now: datetime) -> Waiting:
    """The figures of the overview, of the whole city."""
    return Waiting(**await connection.fetchrow(_WAITING, now))
