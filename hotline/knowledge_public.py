"""What anybody reads of the knowledge: answers in force and not past review. The agent's note is never selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.errors import not_found
from hotline.knowledge_rows import Source, sources_of

SIZE = 30


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its answer, as it is in the open."""

    id: UUID
    wordings: Sequence[str]
    answer: str
    sources: Sequence[Source]
    owner: str
    matter: str
    county: str
    valid_from: date
    valid_to: date | None
    reviewed_at: datetime

    @property
    def question(self) -> str:
        """The first wording."""
        return self.wordings[0]


_NOW = "i.in_from <= $1 AND (i.in_to IS NULL OR i.in_to >= $1) AND i.review_on >= $1"
_ANSWERS = f"""
SELECT a.id, v.wordings, v.answer, v.sources, a.owner, v.matter, v.county, v.valid_from, v.valid_to, a.reviewed_at
FROM article_index i JOIN article a ON a.id = i.article_id
JOIN article_version v ON v.article_id = i.article_id AND v.version = i.version
WHERE {_NOW}
"""
_COUNTS = f"""
SELECT left(i.matter, 4) AS grp, count(*) AS n FROM article_index i
WHERE {_NOW} AND ($2 = '' OR i.county IN ('', $2)) GROUP BY 1 ORDER BY 1
"""


async def groups(connection: db.Connection, county: str = "") -> dict[str, int]:
    """How many answers each group of matters has, by its four digits; a county's own and the whole city's."""
    return {row["grp"]: row["n"] for row in await connection.fetch(_COUNTS, clock.today(), county)}


async def of_group(connection: db.Connection, group: str, *, county: str = "", after: int = 0) -> list[Answer]:
    """Answers of one group of matters, by matter; a county's own and the whole city's when one is asked for."""
    rows = await connection.fetch(
        f"{_ANSWERS} AND v.matter LIKE $2 || '%' AND ($3 = '' OR v.county IN ('', $3))"
        f" ORDER BY v.matter, v.county, a.number LIMIT {SIZE} OFFSET $4",
        clock.today(), group, county, after,
    )  # fmt: skip
    return [_of(row) for row in rows]


async def those(connection: db.Connection, articles: Sequence[UUID]) -> list[Answer]:
    """These answers in their order; those that are not in the open are left out."""
    rows = await connection.fetch(f"{_ANSWERS} AND a.id = ANY ($2)", clock.today(), list(articles))
    known = {row["id"]: _of(row) for row in rows}
    return [known[one] for one in articles if one in known]


async def one(connection: db.Connection, article: UUID) -> Answer:
    """One answer in the open; a 404 whether there is none, it is a draft, retired or past its review."""
    found = await those(connection, [article])
    if not found:
        raise not_found()
    return found[0]


def _of(row: Mapping[str, Any]) -> Answer:
    return Answer(**{**row, "wordings": tuple(row["wordings"]), "sources": sources_of(row["sources"])})
