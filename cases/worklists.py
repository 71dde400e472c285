"""The lists that the centre's desks work through, each within scope: to accept, to dispatch, returns, to audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cases import events, ledger, scope
from hotline import db
from hotline.actor import Actor

SIZE = 50
COUNTED = 1000
"""Counts stop here: a desk costs the same with a million cases as with a thousand."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a desk's list: the case, and the assignment it is about when there is one."""

    id: UUID
    number: str
    title: str
    kind: str
    state: str
    urgency: str
    matter: str | None
    county: str
    township: str | None
    place: str
    lead_unit: str | None
    is_confidential: bool
    about_units: list[str]
    flagged_at: datetime | None
    opened_at: datetime
    supervision: int
    urge_count: int
    rework_count: int
    return_count: int
    assignment: UUID | None = None
    unit: str = ""

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


CASE_COLUMNS = tuple(name for name in Item.__struct_fields__ if name not in {"assignment", "unit"})
_COLUMNS = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_BY_STATE = f"""
    SELECT {_COLUMNS} FROM cases c WHERE c.is_open AND c.state = '{{state}}' AND {{scope}}
    ORDER BY c.due_key, c.id LIMIT {{size}}
"""
_BY_ASSIGNMENT = f"""
    SELECT {_COLUMNS}, a.id AS assignment, a.unit FROM assignment a JOIN cases c ON c.id = a.case_id
    WHERE {{which}} AND c.is_open AND c.state IN ('active', 'rework'{{also}}) AND {{scope}}
    ORDER BY c.due_key, c.id LIMIT {{size}}
"""
_RETURNS = "a.state = 'return_requested'"
_EXTENSIONS = "a.extension_asked_at IS NOT NULL"
_OBJECTIONS = "(a.objection = 'open' OR a.co_ask IS NOT NULL)"
_AUDITS = """a.role = 'lead' AND a.state = 'handled' AND NOT EXISTS (
    SELECT FROM assignment o WHERE o.case_id = a.case_id
    AND o.state IN ('dispatched', 'return_requested', 'signed', 'in_progress'))"""


_STATES = {"accept": "registered", "dispatch": "accepted", "conference": "in_conference"}


def _statement(name: str, actor: Actor, size: int) -> tuple[str, list[Any]]:
    where, args = scope.condition(actor)
    if name == "returns":
        return _BY_ASSIGNMENT.format(which=_RETURNS, also="", scope=where, size=size), args
    if name == "extensions":
        which = _EXTENSIONS if "coordination" in actor.roles else f"{_EXTENSIONS} AND a.extension_by <> 'city'"
        return _BY_ASSIGNMENT.format(which=which, also=", 'in_conference'", scope=where, size=size), args
    if name == "objections":
        return _BY_ASSIGNMENT.format(which=_OBJECTIONS, also="", scope=where, size=size), args
    if name == "audits":
        return _BY_ASSIGNMENT.format(which=_AUDITS, also="", scope=where, size=size), args
    return _BY_STATE.format(state=_STATES[name], scope=where, size=size), args


async def listed(connection: db.Connection, actor: Actor, name: str, size: int = SIZE) -> Sequence[Item]:
    """The first ``size`` cases of a desk's list, nearest due first.

    ``name``: accept, dispatch, conference, returns, audits, extensions, or objections with a lead's asks about
    co-handlers.
    """
    sql, args = _statement(name, actor, size)
    return [Item(**row) for row in await connection.fetch(sql, *args)]


async def count(connection: db.Connection, actor: Actor, name: str) -> int:
    """How long a desk's list is, at most COUNTED."""
    sql, args = _statement(name, actor, COUNTED)
    return int(await connection.fetchval(f"SELECT count(*) FROM ({sql}) x", *args))


async def why_missed(connection: db.Connection, case_id: UUID) -> str:
    """The code of the reason why the case was last not dispatched by rule; "" when rule was not asked."""
    record = await connection.fetchrow(
        "SELECT kind, data FROM case_event WHERE case_id = $1 "
        "AND kind IN ('routing_missed', 'return_approved', 'recalled') ORDER BY seq DESC LIMIT 1",
        case_id,
    )
    if record is None:
        return ""
    event = events.decode(record["kind"], record["data"])
    return event.reason if isinstance(event, events.RoutingMissed) else record["kind"]


def last(entries: Sequence[Any], kind: str, **fields: object) -> Any | None:
    """The last of a case's ledger entries of this kind whose event has these values."""
    return next(
        (one for one in reversed(entries) if one.row.kind == kind
         and all(getattr(one.event, name) == value for name, value in fields.items())),
        None,
    )  # fmt: skip


async def entries_of(connection: db.Connection, case_id: UUID) -> Sequence[Any]:
    """The case's ledger entries with their texts."""
    return await ledger.entries(connection, case_id)
