"""What the search reads of an article: its tokens, and how rare each token is. Kept in the writer's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hotline import clock, db, knowledge_words
from hotline.grams import pairs

ANSWER = "~"
"""Before a token of the answer: the citizen's wordings and the answer are weighed apart."""
SENSE, MATTER, PLACE = "#", "%", "@"
"""Before the code of a group of words, of the matter, of the county ("@" alone: the whole city).

Each other token stands a second time with the county behind it ("水费@130403", "水费@"): the articles of a place that
have a token are one short list of the index, where looking for both costs a descent for each article with the token.
"""
AT_A_TIME = 200
ALL = ""
"""The row of ``article_gram`` that counts the articles."""

_GONE = "DELETE FROM article_index WHERE article_id = ANY ($1) RETURNING tsvector_to_array(search)"
_LIVE = """
SELECT a.id AS article_id, v.version, a.owner, v.matter, v.county, v.in_from, v.in_to, a.review_on, v.wordings, v.answer
FROM article a JOIN article_version v ON v.article_id = a.id
WHERE a.id = ANY ($1) AND a.state = 'approved' AND v.state = 'approved'
  AND (v.in_to IS NULL OR (v.in_to >= v.in_from AND v.in_to >= $2))
"""
_PUT = """
INSERT INTO article_index
    (article_id, version, owner, matter, county, in_from, in_to, review_on, wordings, answer, senses,
     search)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, array_to_tsvector($12))
"""
_COUNT = """
INSERT INTO article_gram AS g (gram, rows) SELECT * FROM unnest($1::text[], $2::int[])
ON CONFLICT (gram) DO UPDATE SET rows = g.rows + excluded.rows
"""


def senses(wordings: Sequence[str]) -> list[str]:
    """Codes of what the wordings ask and of the groups of words that they use."""
    text = "\n".join(wordings)
    return [*knowledge_words.senses(text), *knowledge_words.asked(text)]


def tokens(wordings: Sequence[str], answer: str, matter: str, county: str) -> list[str]:
    """The tokens of an article: pairs of its wordings, of its answer, what it is about and asked, matter and place."""
    asked = dict.fromkeys(token for one in wordings for token in pairs(one))
    answered = dict.fromkeys(ANSWER + token for token in pairs(answer) if token not in asked)
    meant = [SENSE + code for code in senses(wordings)]
    return [*asked, *answered, *meant, MATTER + matter, PLACE + county]


def placed(found: Iterable[str], county: str) -> list[str]:
    """The tokens of an article of this county, and each of them at its place."""
    plain = list(found)
    return [*plain, *(f"{one}{PLACE}{county}" for one in plain if not one.startswith(PLACE))]


def _is_placed(token: str) -> bool:
    return PLACE in token[1:]


async def reindex(connection: db.Connection, articles: Iterable[UUID], today: date) -> None:
    """Read these articles anew: rows for the versions in force or to come, and the counts of their tokens."""
    identifiers = list(articles)
    gone = await connection.fetch(_GONE, identifiers)
    live = await connection.fetch(_LIVE, identifiers, today)
    counts: Counter[str] = Counter({ALL: len(live) - len(gone)})
    for (old,) in gone:
        counts.subtract(one for one in old if not _is_placed(one))
    rows = [
        (*row.values(), senses(row["wordings"]), tokens(row["wordings"], row["answer"], row["matter"], row["county"]))
        for row in live
    ]
    for row in rows:
        counts.update(row[-1])
    await connection.executemany(_PUT, [(*row[:-1], placed(row[-1], row[4])) for row in rows])
    await _count(connection, counts)


async def read_anew() -> int:
    """Read every article in force anew, a few at a time so that nobody waits; how many. After the words changed."""
    async with db.reading() as connection:
        every = [row["id"] for row in await connection.fetch("SELECT id FROM article WHERE state = 'approved'")]
    for start in range(0, len(every), AT_A_TIME):
        async with db.atomic() as connection:
            locked = await connection.fetch(
                "SELECT id FROM article WHERE id = ANY ($1) ORDER BY id FOR UPDATE", every[start : start + AT_A_TIME]
            )
            await reindex(connection, [row["id"] for row in locked], clock.today())
    return len(every)


async def _count(connection: db.Connection, counts: Mapping[str, int]) -> None:
    """In one order for everybody, so that two approvals never wait for each other."""
    changed = sorted((gram, n) for gram, n in counts.items() if n)
    if changed:
        await connection.execute(_COUNT, *map(list, zip(*changed, strict=True)))


async def rarity(connection: db.Connection, asked: Sequence[str]) -> tuple[int, dict[str, int]]:
    """How many rows the index has, and in how many each token stands; absent ones stand in none."""
    found: list[Any] = await connection.fetch(
        "SELECT gram, rows FROM article_gram WHERE gram = ANY ($1)", [ALL, *asked]
    )
    counts = dict(found)
    return counts.pop(ALL, 0), counts
