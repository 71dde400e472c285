"""Outages as they stand: those under way, a list, one with its changes. Only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from cases.outage_rows import Area, Outage
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import not_found

SHOWN_AFTER = timedelta(hours=24)
"""How long one that is over stays in the public list."""
_FIELDS = ", ".join(f"o.{name}" for name in Outage.__struct_fields__ if name != "areas")
_AREAS = "SELECT * FROM outage_area WHERE outage_id = ANY($1) ORDER BY outage_id, position"
_ON = f"SELECT {_FIELDS} FROM outage o WHERE o.state = 'on' ORDER BY o.since, o.id LIMIT 500"
_PUBLIC = f"""
    SELECT {_FIELDS} FROM outage o WHERE o.state = 'on' OR o.state = 'over' AND o.ended_at > $1
    ORDER BY o.state = 'on' DESC, o.since > $2, coalesce(o.over_at, o.since) DESC, o.id LIMIT 500
"""
_LISTED = f"""
    SELECT {_FIELDS} FROM outage o WHERE ($1 = '' OR o.state = $1) AND ($2 = '' OR o.kind = $2)
    ORDER BY CASE WHEN o.state = 'on' THEN coalesce(o.expected, o.since) END, o.ended_at DESC, o.id LIMIT 200
"""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A line of its history."""

    seq: int
    at: datetime
    by: UUID
    what: str
    before: datetime | None
    after: datetime | None
    words: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """When a requester was told of an end; ``is_wrong``: that the notice had been wrong instead."""

    at: datetime
    is_wrong: bool


async def under_way(connection: db.Connection) -> Sequence[Outage]:
    """All that are on or planned, oldest first, as of now."""
    return await _read(connection, _ON)


async def in_public(connection: db.Connection) -> Sequence[Outage]:
    """What anybody may see: under way, planned, and over within a day."""
    now = clock.now()
    return await _read(connection, _PUBLIC, now - SHOWN_AFTER, now)


async def listed(connection: db.Connection, *, state: str = "", kind: str = "") -> Sequence[Outage]:
    """The staff's list, newest first."""
    return await _read(connection, _LISTED, state, kind)


async def one(connection: db.Connection, outage: UUID, *, for_change: bool = False) -> Outage:
    """One with its areas, locked ``for_change``; 404 when there is none."""
    lock = " FOR UPDATE" if for_change else ""
    found = await _read(connection, f"SELECT {_FIELDS} FROM outage o WHERE o.id = $1{lock}", outage)
    if not found:
        raise not_found()
    return found[0]


async def _read(connection: db.Connection, sql: str, *args: object) -> list[Outage]:
    rows = await connection.fetch(sql, *args)
    areas: dict[UUID, list[Area]] = {}
    for row in await connection.fetch(_AREAS, [row["id"] for row in rows]) if rows else ():
        areas.setdefault(row["outage_id"], []).append(_area(row))
    return [Outage(**row, areas=tuple(areas.get(row["id"], ()))) for row in rows]


def _area(row: Mapping[str, Any]) -> Area:
    return Area(
        county=row["county"], township=row["township"], village=row["village"], words=tuple(row["words"])
    )


async def changes(connection: db.Connection, outages: Sequence[UUID]) -> dict[UUID, list[Change]]:
    """The history of each, the first entry first."""
    fields = ", ".join(Change.__struct_fields__)
    sql = f"SELECT outage_id, {fields} FROM outage_change WHERE outage_id = ANY($1) ORDER BY outage_id, seq"
    found: dict[UUID, list[Change]] = {}
    for row in await connection.fetch(sql, list(outages)):
        values = dict(row)
        found.setdefault(values.pop("outage_id"), []).append(Change(**values))
    return found


async def told_last(connection: db.Connection, request: UUID) -> Told | None:
    """What this requester was told last, within the week, of an outage; None once they said that it is not so."""
    sql = """
        SELECT l.told_at AS at, o.state = 'withdrawn' AS is_wrong FROM outage_link l JOIN outage o ON o.id = l.outage_id
        WHERE l.request_id = $1 AND l.told_round = o.round AND o.state <> 'on' AND l.still_at IS NULL AND l.told_at > $2
        ORDER BY l.told_at DESC LIMIT 1
    """
    row = await connection.fetchrow(sql, request, clock.now() - timedelta(days=7))
    return Told(**row) if row is not None else None


def may_edit(actor: Actor, unit: str, areas: Sequence[Area]) -> bool:
    """Whose it is: the unit's own people; a county's within its county; the centre's supervisors and coordination."""
    if actor.jurisdiction:
        within = bool(areas) and all(area.county == actor.jurisdiction for area in areas)
        if not within:
            return False
    if unit in actor.units:
        return True
    return bool(actor.roles & {"shift_supervisor", "coordination", "county_office"})
