"""Conferences read: one with its agenda, positions and participants; those of a case; those that somebody may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from hotline import db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may

HOLD = "conference.hold"
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
STATES: dict[str, Say] = {
    PLANNED: Say("待召开", "Planned"),
    HELD: Say("已召开", "Held"),
    CANCELLED: Say("已取消", "Cancelled"),
}
ITEM_STATES: dict[str, Say] = {
    "open": Say("待议", "To discuss"),
    "decided": Say("已决定", "Decided"),
    "postponed": Say("留待下次", "Postponed"),
    "withdrawn": Say("已撤回", "Withdrawn"),
}
MOST = 50


class Conference(msgspec.Struct, frozen=True, kw_only=True):
    """One conference; ``minutes_hash`` is of its minutes as they were when it was held."""

    columns: ClassVar[str]

    id: UUID
    year: int
    n: int
    state: str
    starts_at: datetime
    place: str
    chair: str
    called_at: datetime
    called_by: UUID
    ended_at: datetime | None
    ended_by: UUID | None
    reason: str
    minutes_hash: bytes | None

    @property
    def number(self) -> str:
        """As people call it: 2026-03."""
        return f"{self.year}-{self.n:02}"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One case on an agenda: the question in dispute, the units concerned, and the decision once there is one."""

    columns: ClassVar[str]

    id: UUID
    conference_id: UUID
    case_id: UUID
    n: int
    state: str
    question: str
    units: tuple[str, ...]
    lead_unit: str | None
    co_units: tuple[str, ...]
    decision: str
    wants_precedent: bool
    precedent_line: int | None
    decided_at: datetime | None
    decided_by: UUID | None

    def concerns(self, units: Collection[str]) -> bool:
        """Whether one of these units is asked for its position or was given the case."""
        return not {*self.units, *self.co_units, self.lead_unit}.isdisjoint(units)


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit says of an item before the conference."""

    item_id: UUID
    unit: str
    words: str
    written_at: datetime
    written_by: UUID


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that takes part; ``person`` is who came for it; ``is_present`` None until the roll was called."""

    unit: str
    person: str
    is_present: bool | None


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A conference whole."""

    conference: Conference
    items: Sequence[Item]
    positions: Mapping[UUID, Sequence[Position]]
    participants: Sequence[Participant]

    def item(self, identifier: UUID) -> Item:
        """The item, or the 404 refusal."""
        found = next((one for one in self.items if one.id == identifier), None)
        if found is None:
            raise not_found()
        return found


Conference.columns = ", ".join(Conference.__struct_fields__)
Item.columns = ", ".join(Item.__struct_fields__)
_T = TypeVar("_T", bound=msgspec.Struct)

_SEEN = """
    SELECT {columns}, (SELECT count(*) FROM conference_item i WHERE i.conference_id = c.id AND i.state <> 'withdrawn')
        AS items
    FROM conference c WHERE ($1 = '' OR c.state = $1) AND ($2 OR EXISTS (
        SELECT FROM conference_participant p WHERE p.conference_id = c.id AND p.unit = ANY($3::text[])
        UNION ALL SELECT FROM conference_item i WHERE i.conference_id = c.id AND i.units && $3::text[]))
    ORDER BY (c.state = 'planned') DESC, CASE WHEN c.state = 'planned' THEN c.starts_at END, c.starts_at DESC, c.id
    LIMIT {most}
"""


def _as(kind: type[_T], record: Mapping[str, Any]) -> _T:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in record.items()})


def sees_all(actor: Actor) -> bool:
    """Whether every conference is the actor's to read; units read those that concern them."""
    return may(actor, HOLD) or "dispatcher" in actor.roles


async def listed(connection: db.Connection, actor: Actor, state: str = "") -> list[tuple[Conference, int]]:
    """The conferences that the actor may see with the number of their items: planned ones first, the next on top."""
    sql = _SEEN.format(columns=Conference.columns, most=MOST)
    rows = await connection.fetch(sql, state, sees_all(actor), list(actor.units))
    return [(_as(Conference, {k: v for k, v in row.items() if k != "items"}), row["items"]) for row in rows]


async def found(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Conference:
    """The conference; the 404 refusal when there is none."""
    tail = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(f"SELECT {Conference.columns} FROM conference WHERE id = $1{tail}", identifier)
    if row is None:
        raise not_found()
    return _as(Conference, row)


async def meeting(connection: db.Connection, identifier: UUID, *, lock: bool = False) -> Meeting:
    """The conference with everything on it; withdrawn items are left out. 404 when there is none."""
    conference = await found(connection, identifier, lock=lock)
    items = await connection.fetch(
        f"SELECT {Item.columns} FROM conference_item WHERE conference_id = $1 AND state <> 'withdrawn' ORDER BY n, id",
        identifier,
    )
    said = await connection.fetch(
        "SELECT p.* FROM conference_position p JOIN conference_item i ON i.id = p.item_id "
        "WHERE i.conference_id = $1 ORDER BY p.written_at",
        identifier,
    )
    present = await connection.fetch(
        "SELECT unit, person, is_present FROM conference_participant WHERE conference_id = $1 ORDER BY unit", identifier
    )
    positions: dict[UUID, list[Position]] = {}
    for row in said:
        positions.setdefault(row["item_id"], []).append(_as(Position, row))
    return Meeting(
        conference=conference, items=[_as(Item, row) for row in items], positions=positions,
        participants=[_as(Participant, row) for row in present],
    )  # fmt: skip


async def meeting_for(connection: db.Connection, actor: Actor, identifier: UUID) -> Meeting:
    """The conference as the actor may see it: units read the items that concern them. 404 when it is not theirs."""
    whole = await meeting(connection, identifier)
    if sees_all(actor):
        return whole
    items = [one for one in whole.items if one.concerns(actor.units)]
    if not items and not any(one.unit in actor.units for one in whole.participants):
        raise not_found()
    return msgspec.structs.replace(whole, items=items)


async def of_case(connection: db.Connection, case_id: UUID) -> list[tuple[Item, Conference]]:
    """Where the case stood on an agenda, oldest first; withdrawn items too."""
    rows = await connection.fetch(
        f"SELECT {Item.columns} FROM conference_item WHERE case_id = $1 ORDER BY id", case_id
    )
    items = [_as(Item, row) for row in rows]
    return [(one, await found(connection, one.conference_id)) for one in items]
