"""The supervisor's lists: alerts and supervision orders; the figures are ``sla.figures``.

Everything is narrowed to what the viewer may see: the city, a county, or the own units.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cases import of_case, scope
from cases.of_case import OfCase
from cases.wording import STAGES
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say, not_found

SIZE = 50
TOP = 3
"""How often an unanswered alert has climbed when it is the supervision office's (``sla.ladder_due.CLIMB``)."""
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


def known_to(actor: Actor) -> tuple[str, ...]:
    """Conditions besides the reach: a clock over a risk tells what was said, it is for the city's own people."""
    return () if scope.scope_of(actor).city else ("t.stage <> 'risk'",)


class Alert(OfCase, frozen=True, kw_only=True):
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
    urgency: str
    supervision: int


CASE = f"{of_case.CASE}, c.urgency, c.supervision"
"""What a line of the board shows of its case ``c``."""
_ALERT = f"t.id, t.unit, t.stage, t.at, t.due_at, t.answered_at, t.answered_by, t.answer, t.escalated, {CASE}"


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
    parts = [r.where, *known_to(actor)]
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
