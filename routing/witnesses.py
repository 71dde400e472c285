"""Closed cases that speak for a matter: what was said before in like words and ended there, as far as one may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from cases import likeness
from hotline import db
from hotline.actor import Actor
from routing.alike import OPEN, visible

MOST = 2
_NEWEST = 15
_SQL = """
SELECT x.* FROM unnest($1::text[]) AS m (code) CROSS JOIN LATERAL (
    SELECT c.matter, c.number, c.title, c.closed_at, c.grams FROM cases c
    WHERE c.matter = m.code AND c.closed_at IS NOT NULL AND {open} AND c.state IN ('closed', 'archived') AND {scope}
    ORDER BY c.closed_at DESC LIMIT {newest}) AS x
"""


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """One closed case and how much of its words it shares, 0 to 1."""

    number: str
    title: str
    closed_at: datetime
    share: float


async def find(
    connection: db.Connection, actor: Actor, words: str, matters: Sequence[str], *, most: int = MOST
) -> Mapping[str, Sequence[Witness]]:
    """For each matter the closed cases nearest in words among its newest, at most ``most``. One statement.

    Reports and confidential cases speak for nothing (rules.md 10), nor does a case that shares no words at all.
    """
    where, args = visible(actor, 2)
    if where == "FALSE" or not matters or not words.strip():
        return {}
    sql = _SQL.format(open=OPEN, scope=where, newest=_NEWEST)
    pairs = likeness.pairs(words)
    found: dict[str, list[Witness]] = {}
    for row in await connection.fetch(sql, list(matters), *args):
        share = likeness.shared(pairs, likeness.of_grams(row["grams"]))
        if share > 0:
            one = Witness(number=row["number"], title=row["title"], closed_at=row["closed_at"], share=share)
            found.setdefault(row["matter"], []).append(one)
    return {matter: sorted(ones, key=lambda one: -one.share)[:most] for matter, ones in found.items()}
