"""Lists of what was merged: the cases that hold others, and what went into one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases import scope
from cases.worklists import CASE_COLUMNS, COUNTED, Item
from hotline import db
from hotline.actor import Actor

SIZE = 50


class Holding(Item, frozen=True, kw_only=True):
    """An open case that holds others, with how many cases and how many requests."""

    held: int
    request_count: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A case that went into another, and when, with its requests by receipt number and id."""

    id: UUID
    number: str
    title: str
    at: datetime
    receipts: Sequence[str]
    requests: Sequence[UUID]
    has_visit: bool


_COLUMNS = ", ".join(f"c.{name}" for name in CASE_COLUMNS)
_HOLDING = f"""
    SELECT {_COLUMNS}, c.request_count, x.held FROM cases c
    JOIN (SELECT merged_into, count(*) AS held FROM cases WHERE merged_into IS NOT NULL GROUP BY 1) x
        ON x.merged_into = c.id
    WHERE c.is_open AND {{scope}} ORDER BY c.due_key, c.id LIMIT {{size}}
"""
_HELD = """
    SELECT k.id, k.number, k.title, r.receipts, r.requests, r.has_visit,
        (SELECT at FROM case_event e WHERE e.case_id = k.id AND e.kind = 'merged' ORDER BY seq DESC LIMIT 1) AS at
    FROM cases k CROSS JOIN LATERAL (
        SELECT array_agg(receipt_no ORDER BY filed_at, id) AS receipts, array_agg(id) AS requests,
            bool_or(visited_at IS NOT NULL) AS has_visit
        FROM request WHERE home_id = k.id
    ) r
    WHERE k.merged_into = $1 ORDER BY k.number
"""


async def listed(connection: db.Connection, actor: Actor, size: int = SIZE) -> Sequence[Holding]:
    """The open cases within the actor's reach that hold others, nearest due first."""
    where, args = scope.condition(actor)
    return [Holding(**row) for row in await connection.fetch(_HOLDING.format(scope=where, size=size), *args)]


async def count(connection: db.Connection, actor: Actor) -> int:
    """How many those are, at most COUNTED."""
    where, args = scope.condition(actor)
    return int(
        await connection.fetchval(f"SELECT count(*) FROM ({_HOLDING.format(scope=where, size=COUNTED)}) x", *args)
    )


async def into(connection: db.Connection, case_id: UUID) -> Sequence[Held]:
    """What went into this case, by number."""
    return [Held(**row) for row in await connection.fetch(_HELD, case_id)]


async def number_of(connection: db.Connection, case_id: UUID) -> str:
    """The number of the case that holds a merged one."""
    found: str = await connection.fetchval("SELECT number FROM cases WHERE id = $1", case_id)
    return found


async def twins(connection: db.Connection, case_id: UUID) -> list[str]:
    """The numbers of cases that were split off from this one, or that it was split off from."""
    rows = await connection.fetch(
        "SELECT DISTINCT data::jsonb ->> 'number' AS number FROM case_event "
        "WHERE case_id = $1 AND kind IN ('split_off', 'split_from') ORDER BY 1", case_id
    )  # fmt: skip
    return [row["number"] for row in rows]
