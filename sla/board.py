"""The supervisor's figures: promises by unit and stage, today by the hour, alerts and supervision orders.

Everything is narrowed to what the viewer may see: the city, a county, or the own units.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from cases import scope
from cases.wording import STAGES
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from sla.workbench import Running

SIZE = 50
TOP = 3
"""How often an unanswered alert has climbed when it is the supervision office's (``sla.ladder_due.CLIMB``)."""
BANDS: dict[str, Say] = {
    "late": Say("已超期", "Overdue"),
    "running": Say("在办", "Running"),
}
RULES: dict[str, Say] = {
    "overdue": Say("办理超期", "Handling overdue"),
    "mass": Say("群体诉求", "A mass request"),
    "manual": Say("督办员发出", "Issued by a supervisor"),
}


class Reach(msgspec.Struct, frozen=True):
    """SQL that keeps a table ``t`` with unit and case_id within a viewer's reach; ``join`` brings the case as ``c``."""

    join: str
    where: str
    args: list[object]

    def arg(self, value: object) -> str:
        """The place of one more argument."""
        self.args.append(value)
        return f"${len(self.args)}"


def reach(actor: Actor, *, with_case: bool = False) -> Reach:
    """How far the actor sees on the board. Figures of a whole city or of own units need no look at the cases."""
    own = scope.scope_of(actor)
    join = "JOIN cases c ON c.id = t.case_id"
    if own.city and own.sealed:
        return Reach(join if with_case else "", "TRUE", [])
    if own.units and not own.city and not own.county:
        return Reach(join if with_case else "", "t.unit = ANY($1::text[])", [list(own.units)])
    text, args = scope.condition(actor)
    return Reach(join, text, args)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """How many promises of one stage one unit has running, and how many of them are late."""

    unit: str
    stage: str
    running: int
    late: int


async def cells(connection: db.Connection, actor: Actor, now: datetime) -> list[Cell]:
    """Running promises by unit and stage; unit "" is the centre. One pass over the index of running clocks."""
    r = reach(actor)
    rows = await connection.fetch(
        f"SELECT t.unit, t.stage, count(*) AS running, count(*) FILTER (WHERE t.due_at < {r.arg(now)}) AS late "
        f"FROM clock t {r.join} WHERE {' AND '.join(('t.stopped_at IS NULL', r.where, *_known_to(actor)))} "
        "GROUP BY t.unit, t.stage",
        *r.args,
    )
    return [Cell(**row) for row in rows]


class Promise(Running, frozen=True, kw_only=True):
    """A running promise with its case, for a list."""

    id: UUID
    unit: str
    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str
    urgency: str
    supervision: int

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


_CASE = "c.number, c.title, c.kind, c.matter, c.is_confidential, c.about_units, c.state, c.urgency, c.supervision"
_PROMISE = f"t.id, t.unit, t.stage, t.measure, t.started_at, t.due_at, t.warn_at, t.is_provisional, {_CASE}"


async def promises(
    connection: db.Connection,
    actor: Actor,
    *,
    unit: str | None,
    stage: str,
    band: str,
    after: tuple[datetime, UUID] | None,
) -> list[Promise]:
    """The promises behind a cell, nearest due first, SIZE + 1 of them. ``unit`` None: all; ``band``: a key of BANDS."""
    r = reach(actor, with_case=True)
    parts = ["t.stopped_at IS NULL", r.where, *_known_to(actor)]
    if unit is not None:
        parts.append(f"t.unit = {r.arg(unit)}")
    if stage:
        parts.append(f"t.stage = {r.arg(stage)}")
    if band == "late":
        parts.append(f"t.due_at < {r.arg(clock.now())}")
    if after is not None:
        parts.append(f"(t.due_at, t.id) > ({r.arg(after[0])}, {r.arg(after[1])})")
    rows = await connection.fetch(
        f"SELECT {_PROMISE} FROM clock t {r.join} WHERE {' AND '.join(parts)} ORDER BY t.due_at, t.id LIMIT {SIZE + 1}",
        *r.args,
    )
    return [Promise(**row) for row in rows]


async def hours(connection: db.Connection, actor: Actor, day: date) -> dict[int, int]:
    """How many open cases fall due in each hour of the city's ``day``; 18:00 sharp belongs to the hour before."""
    text, args = scope.condition(actor, 3)
    rows = await connection.fetch(
        "SELECT extract(hour FROM (c.next_due - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::int AS hour, "
        f"count(*) AS n FROM cases c WHERE c.is_open AND c.due_key >= $1 AND c.due_key < $2 AND {text} GROUP BY 1",
        clock.on(day), clock.on(day + timedelta(days=1)), *args,
    )  # fmt: skip
    return {row["hour"]: row["n"] for row in rows}


def _known_to(actor: Actor) -> tuple[str, ...]:
    """A supervisor's clock over a risk tells what was said: it is for the city's own people."""
    return () if scope.scope_of(actor).city else ("t.stage <> 'risk'",)


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An overdue stage that raised an alert, answered or not."""

    id: UUID
    unit: str
    stage: str
    at: datetime
    due_at: datetime
    answered_at: datetime | None
    answered_by: UUID | None
    answer: str | None
    escalated: int
    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str
    urgency: str
    supervision: int

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


_ALERT = f"t.id, t.unit, t.stage, t.at, t.due_at, t.answered_at, t.answered_by, t.answer, t.escalated, {_CASE}"


async def alerts(
    connection: db.Connection,
    actor: Actor,
    *,
    is_open: bool = True,
    unit: str = "",
    only: UUID | None = None,
    has_climbed: bool = False,
    size: int = SIZE,
) -> list[Alert]:
    """Alerts within reach: the open ones oldest first, or the answered ones, the last first.

    ``has_climbed``: only those that went unanswered all the way to the supervision office.
    """
    r = reach(actor, with_case=True)
    parts = [r.where, *_known_to(actor)]
    if only is not None:
        parts.append(f"t.id = {r.arg(only)}")
    else:
        parts.append("t.answered_at IS NULL" if is_open else "t.answered_at IS NOT NULL")
    if unit:
        parts.append(f"t.unit = {r.arg(unit)}")
    if has_climbed:
        parts.append(f"t.escalated >= {TOP}")
    order = "t.at, t.id" if is_open else "t.answered_at DESC, t.id"
    rows = await connection.fetch(
        f"SELECT {_ALERT} FROM alert t {r.join} WHERE {' AND '.join(parts)} ORDER BY {order} LIMIT {int(size)}",
        *r.args,
    )
    return [Alert(**row) for row in rows]


async def alert_of(connection: db.Connection, actor: Actor, alert: UUID) -> Alert:
    """One alert within reach; the 404 refusal otherwise."""
    found = await alerts(connection, actor, only=alert)
    if not found:
        raise not_found()
    return found[0]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A supervision order with its case."""

    id: UUID
    number: str
    unit: str
    rule: str
    issued_at: datetime
    due_at: datetime
    signed_at: datetime | None
    answered_at: datetime | None
    reply: str | None
    case_number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


_ORDER = (
    "t.id, t.number, t.unit, t.rule, t.issued_at, t.due_at, t.signed_at, t.answered_at, t.reply, "
    "c.number AS case_number, c.title, c.kind, c.matter, c.is_confidential, c.about_units"
)


async def orders(
    connection: db.Connection, actor: Actor, *, is_open: bool = True, unit: str = "", size: int = SIZE
) -> list[Order]:
    """Supervision orders within reach: unanswered ones nearest due first, or answered ones, the last first."""
    r = reach(actor, with_case=True)
    parts = [r.where, "t.answered_at IS NULL AND t.ended_at IS NULL" if is_open else "t.answered_at IS NOT NULL"]
    if unit:
        parts.append(f"t.unit = {r.arg(unit)}")
    order = "t.due_at, t.id" if is_open else "t.answered_at DESC, t.id"
    rows = await connection.fetch(
        f"SELECT {_ORDER} FROM supervision_order t {r.join} "
        f"WHERE {' AND '.join(parts)} ORDER BY {order} LIMIT {int(size)}",
        *r.args,
    )
    return [Order(**row) for row in rows]


def stage_name(stage: str) -> Say:
    """A stage as the board heads its columns."""
    return STAGES.get(stage, Say(stage, stage))
