"""Gaps as lists: for the editor all, for a unit its own; who asked and when; what the articles were used for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.actor import Actor
from hotline.permissions import may
from sla.gaps import COLUMNS, EDITOR, Gap

_LISTED = f"""
    SELECT {COLUMNS} FROM knowledge_gap
    WHERE state = ANY($1) AND ($2 OR owner = ANY($3) OR raised_by = $4) ORDER BY {{}} LIMIT 200
"""
_TALLIES = """
    SELECT state, count(*) AS n FROM knowledge_gap WHERE $1 OR owner = ANY($2) OR raised_by = $3 GROUP BY state
"""
_ASKS = "SELECT at, person_id, version, words FROM gap_ask WHERE gap_id = $1 ORDER BY at DESC LIMIT 100"
_USED = """
    WITH used AS (SELECT article_id, version, count(*) AS n, max(at) AS last FROM article_use
                  WHERE at >= $1 GROUP BY 1, 2),
    missed AS (SELECT article_id, version, count(*) AS n FROM gap_ask
               WHERE article_id IS NOT NULL AND at >= $1 GROUP BY 1, 2)
    SELECT a.id, a.owner, v.version, v.wordings[1] AS question, coalesce(u.n, 0) AS used, coalesce(m.n, 0) AS missed,
        u.last
    FROM article a JOIN article_version v ON v.article_id = a.id
    LEFT JOIN used u ON u.article_id = a.id AND u.version = v.version
    LEFT JOIN missed m ON m.article_id = a.id AND m.version = v.version
    WHERE {} ORDER BY {} LIMIT 50
"""
_UNUSED = """
    a.state = 'approved' AND v.state = 'approved' AND v.in_from <= ($1 AT TIME ZONE 'Asia/Shanghai')::date
    AND (v.in_to IS NULL OR v.in_to >= $2) AND u.n IS NULL
"""
_MOST = {
    "used": ("u.n IS NOT NULL", "u.n DESC, a.id"),
    "missed": ("m.n IS NOT NULL", "m.n DESC, a.id"),
    "never": (_UNUSED, "v.in_from, a.id"),
}
_DAYS = """
    SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS n FROM article_use
    WHERE article_id = $1 AND version = $2 AND at >= $3 GROUP BY 1 ORDER BY 1 DESC
"""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One time that it was asked."""

    at: datetime
    person_id: UUID
    version: int | None
    words: str


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an article with how often it answered and how often it did not help."""

    id: UUID
    owner: str
    version: int
    question: str
    used: int
    missed: int
    last: datetime | None


async def listed(connection: db.Connection, actor: Actor, state: str) -> list[Gap]:
    """The gaps of a state that are this person's to see: the nearest date first, ended ones the latest first."""
    order = "due_at, id" if state in ("open", "drafted") else "decided_at DESC, id"
    rows = await connection.fetch(_LISTED.format(order), [state], *_whose(actor))
    return [Gap(**row) for row in rows]


async def tallies(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many there are in each state, for this person."""
    return {row["state"]: row["n"] for row in await connection.fetch(_TALLIES, *_whose(actor))}


def _whose(actor: Actor) -> tuple[bool, list[str], UUID]:
    """The editor sees all, a unit its own, whoever asked what they asked."""
    return may(actor, EDITOR), list(actor.units) if may(actor, "knowledge.write") else [], actor.id


async def asks(connection: db.Connection, gap: UUID) -> list[Ask]:
    """Who asked it and when, the latest first."""
    return [Ask(**row) for row in await connection.fetch(_ASKS, gap)]


async def asked_by(connection: db.Connection, gap: UUID) -> Sequence[UUID]:
    """Everybody who asked it."""
    rows = await connection.fetch("SELECT DISTINCT person_id FROM gap_ask WHERE gap_id = $1", gap)
    return [row["person_id"] for row in rows]


async def most(connection: db.Connection, what: str, since: datetime) -> list[Used]:
    """The versions most used, most often of no help, or in force today and not used since a day."""
    where, order = _MOST[what]
    today = [clock.today()] if what == "never" else []
    return [Used(**row) for row in await connection.fetch(_USED.format(where, order), since, *today)]


async def by_day(connection: db.Connection, article: UUID, version: int, since: datetime) -> list[tuple[Any, int]]:
    """How often a version answered on each day since, the latest first."""
    return [(row["day"], row["n"]) for row in await connection.fetch(_DAYS, article, version, since)]
