"""Outages as they stand: those under way, a list, one with its changes and its callers. Only reads."""

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
_COUNTS = """
    SELECT outage_id, count(*) AS linked, count(*) FILTER (WHERE told_round > 0) AS told,
        count(*) FILTER (WHERE still_at IS NOT NULL) AS still
    FROM outage_link WHERE outage_id = ANY($1) GROUP BY outage_id
"""
_CALLERS = """
    SELECT r.receipt_no, c.number, c.id AS case_id, c.state, c.kind, c.is_confidential, l.at, l.wants_news, l.told_at,
        l.told_round, l.still_at, r.reply_by, r.second_by, r.channel
    FROM outage_link l JOIN request r ON r.id = l.request_id JOIN cases c ON c.id = r.case_id
    WHERE l.outage_id = $1 ORDER BY l.still_at DESC NULLS LAST, l.at DESC LIMIT 500
"""
BY_MESSAGE = ("sms", "wechat", "email")


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of one outage: requesters linked, told that it is over, and who say it is not."""

    linked: int = 0
    told: int = 0
    still: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A line of its history."""

    seq: int
    at: datetime
    by: UUID
    what: str
    before: datetime | None
    after: datetime | None
    words: str


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A requester whose call it answered; no name and no number."""

    receipt_no: str
    number: str
    case_id: UUID
    state: str
    kind: str
    is_confidential: bool
    at: datetime
    wants_news: bool
    told_at: datetime | None
    told_round: int
    still_at: datetime | None
    reply_by: str
    second_by: str
    channel: str

    @property
    def by_message(self) -> bool:
        """Whether a message reaches them; else somebody has to call."""
        return self.reply_by in BY_MESSAGE or self.second_by in BY_MESSAGE


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


async def counts(connection: db.Connection, outages: Sequence[UUID]) -> dict[UUID, Counts]:
    """How many were linked, told, and say that it is not over."""
    rows = await connection.fetch(_COUNTS, list(outages))
    return {row["outage_id"]: Counts(linked=row["linked"], told=row["told"], still=row["still"]) for row in rows}


async def changes(connection: db.Connection, outage: UUID) -> list[Change]:
    """Its history, the first entry first."""
    sql = f"SELECT {', '.join(Change.__struct_fields__)} FROM outage_change WHERE outage_id = $1 ORDER BY seq"
    return [Change(**row) for row in await connection.fetch(sql, outage)]


async def callers(connection: db.Connection, outage: UUID) -> list[Caller]:
    """Whose calls it answered; those who say it is not over first."""
    return [Caller(**row) for row in await connection.fetch(_CALLERS, outage)]


async def told_last(connection: db.Connection, request: UUID) -> datetime | None:
    """When this requester was told within the week that an outage is over, unless they said since that it is not."""
    sql = """
        SELECT max(l.told_at) FROM outage_link l JOIN outage o ON o.id = l.outage_id
        WHERE l.request_id = $1 AND l.told_round > 0 AND l.still_at IS NULL AND o.state = 'over' AND l.told_at > $2
    """
    found: datetime | None = await connection.fetchval(sql, request, clock.now() - timedelta(days=7))
    return found


def may_edit(actor: Actor, unit: str, areas: Sequence[Area]) -> bool:
    """Whose it is: the unit's own people; a county's within its county; the centre's supervisors and coordination."""
    if actor.jurisdiction:
        within = bool(areas) and all(area.county == actor.jurisdiction for area in areas)
        if not within:
            return False
    if unit in actor.units:
        return True
    return bool(actor.roles & {"shift_supervisor", "coordination", "county_office"})
