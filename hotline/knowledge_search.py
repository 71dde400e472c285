"""Find the answer in the citizen's words: likely articles from the index, then weighed closely. SQL and arithmetic.

Candidates share rare pairs of characters with what was said, mean the same, or their matter is likely. Among them a
wording that covers the words counts most, the answer's words less (BM25's idea: what is rare tells more, what is long
tells less); what is asked (how long, who, what it costs …) and the place decide between articles of one matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any
from uuid import UUID

import msgspec

from hotline import city, clock, db, knowledge_index, knowledge_words
from hotline.grams import pairs, plain
from hotline.knowledge_index import ANSWER, MATTER, PLACE, SENSE

MOST_TOKENS = 60
"""Of a long story the beginning: what is asked is said early."""
CANDIDATES = 50
OF_THE_ANSWER = 12
"""Of the words, the rarest are looked for in answers: the others stand in half of them."""
READ, LEAST_READ = 4000, 10
"""How many rows the looked-for tokens may stand in together, rarest first; and so many tokens are looked for anyway.
What stands in every fifth article finds no candidates: it is weighed afterwards, on those found by rarer ones."""
OF_ANSWER, OF_SENSE, OF_ASKED, OF_MATTER, OF_PLACE, ELSEWHERE = 0.25, 0.15, 0.35, 0.6, 0.2, 0.35
"""Weights beside the wordings' 1: the answer's words, words that mean the same, what is asked, the matter, the very
county; and what an article of another county loses when nobody knows the place."""
OF_SIBLINGS = 0.5
"""What an article lacks of the closest of its own matter's, it gets this share of: words tell the matter, and what is
asked then decides among its articles, not in which of them somebody happened to write the words."""
LEAST = 0.22
"""Below this nothing was found: better none than a wrong answer."""
_NEAR = 0.45
"""Nor what scores less than this share of the best: it only shares a word."""
_SLOPE = 0.4
"""How much a wording loses that says more than what was asked: none at 0."""


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
    """What is looked for: tokens with their weight (together 1), meanings, what is asked, likely matters, the place."""

    tokens: Mapping[str, float]
    senses: frozenset[str]
    asked: frozenset[str]
    matters: Mapping[str, float]
    county: str
    total: int
    rows: Mapping[str, int]
    """How many rows the index has, and in how many each of its tokens stands; absent: in none."""


_CANDIDATES = """
WITH asked AS (SELECT * FROM unnest($1::text[], $2::float8[]) AS g (gram, weight)),
best AS (
    SELECT i.article_id, i.version, sum(asked.weight) AS score
    FROM asked CROSS JOIN LATERAL (
        SELECT a.article_id, a.version FROM article_index a WHERE a.search @@ asked.gram::tsquery
            AND a.in_from <= $3 AND (a.in_to IS NULL OR a.in_to >= $3) AND a.review_on >= $3
            AND ($4 = '' OR a.county IN ('', $4))
        OFFSET 0  -- one look into the index for each token: with a dozen it would be one scan of all articles for each
    ) i
    GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT $5
)
SELECT i.article_id, i.version, i.owner, i.matter, i.county, i.wordings, i.answer, i.senses, v.note
FROM best JOIN article_index i USING (article_id, version) JOIN article_version v USING (article_id, version)
"""


async def search(
    connection: db.Connection, words: str, *, matter: str, matters: Sequence[str], county: str, limit: int, public: bool
) -> list[Hit]:
    """As ``hotline.knowledge.search`` says."""
    asked = await _asked(connection, words, matter, matters, county)
    if asked is None:
        return []
    places = [PLACE, *([PLACE + asked.county] if asked.county else [])]
    found = await _ranked(connection, asked, places, is_narrow=bool(county))
    if not county and (len(found) < limit or found[0][0] < 2 * LEAST):
        found = await _ranked(connection, asked, [], is_narrow=False)
    best = found[0][0] if found else 0.0
    return [_hit(row, score, is_public=public) for score, row in found[:limit] if score >= _NEAR * best]


async def _asked(
    connection: db.Connection, words: str, matter: str, matters: Sequence[str], county: str
) -> Asked | None:
    tokens = list(dict.fromkeys(pairs(words)))[:MOST_TOKENS]
    senses, likely = knowledge_words.senses(words), knowledge_words.blended(matter, matters, words)
    place = city.current().find_place(words) if not county else None
    where = county or (place.county if place else "") or ""
    marked = [*(ANSWER + one for one in tokens), *(SENSE + one for one in senses), *(MATTER + one for one in likely)]
    total, counts = await knowledge_index.rarity(connection, [*tokens, *marked, PLACE, PLACE + where])
    if not total or not tokens:
        return None
    tells = {one: log(1 + (total - counts.get(one, 0) + 0.5) / (counts.get(one, 0) + 0.5)) for one in tokens}
    most = log(1 + (total + 0.5) / 3)  # what nobody wrote tells no more than what three wrote
    tells = {one: min(tell, most) for one, tell in tells.items()}
    whole = sum(tells.values()) or 1.0
    return Asked(
        tokens={one: tell / whole for one, tell in tells.items()},
        senses=frozenset(senses), asked=frozenset(knowledge_words.asked(words)), matters=likely,
        county=where, total=total, rows=counts,
    )  # fmt: skip


async def _ranked(
    connection: db.Connection, asked: Asked, places: Sequence[str], *, is_narrow: bool
) -> list[tuple[float, Any]]:
    """The candidates, weighed, best first; within ``places`` when there are any."""
    weights = _looked_for(asked, sum(asked.rows.get(one, 0) for one in places) / asked.total if places else 1.0)
    rows = await connection.fetch(
        _CANDIDATES, [" | ".join(f"'{one}{place}'" for place in places or [""]) for one in weights],
        list(weights.values()), clock.today(),
        asked.county if is_narrow else "", CANDIDATES,
    )  # fmt: skip
    close = [_closeness(asked, row) for row in rows]
    best: dict[str, float] = {}
    for row, near in zip(rows, close, strict=True):
        best[row["matter"]] = max(near, best.get(row["matter"], 0.0))
    found = [
        (_score(asked, row, near + OF_SIBLINGS * (best[row["matter"]] - near)), row)
        for row, near in zip(rows, close, strict=True)
    ]  # fmt: skip
    return sorted((one for one in found if one[0] >= LEAST), key=lambda one: (-one[0], one[1]["article_id"]))


def _looked_for(asked: Asked, share: float) -> dict[str, float]:
    """Tokens of the index with their weight, the rarest first until they stand in READ of this share of the rows."""
    rarest = sorted(asked.tokens.items(), key=lambda one: -one[1])
    weights = dict(rarest)
    weights |= {ANSWER + one: OF_ANSWER * weight for one, weight in rarest[:OF_THE_ANSWER]}
    weights |= {SENSE + one: OF_SENSE for one in asked.senses}
    weights |= {MATTER + code: OF_MATTER * weight for code, weight in asked.matters.items()}
    kept: dict[str, float] = {}
    read = 0.0
    for one in sorted(weights, key=lambda one: (asked.rows.get(one, 0), one)):
        n = asked.rows.get(one, 0)
        read += n * share
        if n and (read <= READ or len(kept) < LEAST_READ):
            kept[one] = weights[one]
    return kept


def _closeness(asked: Asked, row: Mapping[str, Any]) -> float:
    """How much of the words an article's wordings and answer share: the wording that covers them best counts whole."""
    best, covered = 0.0, set[str]()
    for one in map(plain, row["wordings"]):
        shared = [token for token in asked.tokens if token in one]
        covered.update(shared)
        score = sum(asked.tokens[token] for token in shared)
        best = max(best, score / (1 - _SLOPE + _SLOPE * max(1.0, len(one) / max(len(asked.tokens), 8))))
    answer = plain(row["answer"])
    said = [token for token in asked.tokens if token not in covered and token in answer]
    score = best + OF_ANSWER * sum(asked.tokens[token] for token in said)
    return score + 0.3 * (sum(asked.tokens[token] for token in covered) - best)


def _score(asked: Asked, row: Mapping[str, Any], score: float) -> float:
    """With what it means and is about, what is asked, and the place."""
    meant = set(row["senses"])
    score += OF_SENSE * len(asked.senses & meant)
    score += OF_MATTER * asked.matters.get(row["matter"], 0.0)
    if score >= LEAST and asked.asked & meant:
        score += OF_ASKED
    if row["county"]:
        score += OF_PLACE if row["county"] == asked.county else -ELSEWHERE
    return score


def _hit(row: Mapping[str, Any], score: float, *, is_public: bool) -> Hit:
    return Hit(
        id=row["article_id"], version=row["version"], question=row["wordings"][0], answer=row["answer"],
        note="" if is_public else row["note"], owner=row["owner"], matter=row["matter"], score=round(score, 3),
    )  # fmt: skip
