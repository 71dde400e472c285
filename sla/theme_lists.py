"""Lists of themes: the graded list of the staff, what a unit has to do, and what everybody may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hotline import db
from hotline.errors import not_found
from sla import themes
from sla.hot_evidence import OPEN
from sla.themes import Theme

_ALL = ", ".join(f"t.{name}" for name in Theme.__struct_fields__)
_LISTED = f"""
    SELECT {_ALL}, s.steps, s.done, s.late, s.next_due, k.cases, f.proof
    FROM theme t
    CROSS JOIN LATERAL (SELECT count(*) AS steps, count(done_at) AS done,
        count(*) FILTER (WHERE done_at IS NULL AND due_at < $2) AS late, min(due_at) FILTER (WHERE done_at IS NULL)
        AS next_due FROM theme_step WHERE theme_id = t.id) s
    CROSS JOIN LATERAL (SELECT count(*) AS cases FROM theme_case o JOIN cases c ON c.id = o.case_id
        WHERE o.theme_id = t.id AND o.left_at IS NULL AND {OPEN}) k
    CROSS JOIN LATERAL (SELECT count(*) AS proof FROM attachment WHERE subject_kind = 'theme' AND subject_id = t.id) f
    WHERE t.state = $1
    ORDER BY array_position(ARRAY['city', 'department', 'county'], t.grade), s.late > 0 DESC, s.next_due NULLS LAST,
        t.made_at DESC LIMIT 200
"""
_OWN = """
    SELECT s.id, s.theme_id, s.no, s.what, s.unit, s.due_at, t.number, t.title FROM theme_step s
    JOIN theme t ON t.id = s.theme_id WHERE t.state = 'open' AND s.done_at IS NULL AND s.unit = ANY($1)
    ORDER BY s.due_at, s.no LIMIT 200
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A theme with how far its plan is."""

    theme: Theme
    steps: int
    done: int
    late: int
    next_due: datetime | None
    cases: int
    proof: int


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a unit has to do, with its theme."""

    id: Any
    theme_id: Any
    no: int
    what: str
    unit: str
    due_at: datetime
    number: str
    title: str

    def is_late(self, now: datetime) -> bool:
        """Past its date."""
        return now > self.due_at


async def listed(connection: db.Connection, state: str, now: datetime) -> list[Line]:
    """The themes of a state by grade, late ones first."""
    rows = await connection.fetch(_LISTED, state, now)
    own = Theme.__struct_fields__
    return [
        Line(theme=themes.plain({name: row[name] for name in own}),
             **{name: row[name] for name in ("steps", "done", "late", "next_due", "cases", "proof")})
        for row in rows
    ]  # fmt: skip


async def own_steps(connection: db.Connection, units: Sequence[str]) -> list[Own]:
    """The open steps of these units, nearest due first."""
    return [Own(**row) for row in await connection.fetch(_OWN, list(units))]


async def led(connection: db.Connection, units: Sequence[str]) -> list[Theme]:
    """The open themes that these units lead."""
    rows = await connection.fetch(
        f"SELECT {_ALL} FROM theme t WHERE t.state = 'open' AND t.unit = ANY($1) ORDER BY t.made_at DESC", list(units)
    )
    return [themes.plain(row) for row in rows]


async def in_public(connection: db.Connection) -> list[Theme]:
    """What everybody may read, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_ALL} FROM theme t WHERE t.published_at IS NOT NULL ORDER BY t.month DESC, t.made_at DESC LIMIT 100"
    )
    return [themes.plain(row) for row in rows]


async def public_one(connection: db.Connection, slug: str) -> Theme:
    """A theme by its public address; 404 for one that is not public."""
    row = await connection.fetchrow(
        f"SELECT {_ALL} FROM theme t WHERE t.slug = $1 AND t.published_at IS NOT NULL", slug
    )
    if row is None:
        raise not_found()
    return themes.plain(row)
