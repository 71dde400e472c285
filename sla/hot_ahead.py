"""What is likely to come: last year's same weeks against now, and places where a matter comes up week after week."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from hotline import city, db
from sla.hot_evidence import OPEN, SEASON

_WEEKS = 8
_LEAST = 10
"""Cases below which nothing is foretold."""
_BEHIND = 10
"""Cases that stand behind this year's level against last year's, so that few cases foretell no wild growth."""
_MOST_GROWTH = 3.0
_FORETOLD = f"""
    SELECT left(c.matter, 4) AS matter,
        count(*) FILTER (WHERE c.opened_at > $1 AND c.opened_at <= $2) AS now,
        count(*) FILTER (WHERE c.opened_at > $3 AND c.opened_at <= $4) AS then,
        count(*) FILTER (WHERE c.opened_at > $4 AND c.opened_at <= $5) AS next
    FROM cases c WHERE {OPEN} AND (c.opened_at > $1 AND c.opened_at <= $2 OR c.opened_at > $3 AND c.opened_at <= $5)
    GROUP BY 1
"""
_WHERE = f"""
    SELECT left(c.matter, 4) AS matter, c.county, count(*) AS n FROM cases c
    WHERE {OPEN} AND c.opened_at > $1 AND c.opened_at <= $2 AND left(c.matter, 4) = ANY($3) AND c.county <> 'city'
    GROUP BY 1, 2 ORDER BY 3 DESC
"""
_LASTING = f"""
    WITH weeks AS (
        SELECT c.matter, c.township, floor(extract(epoch FROM $2 - c.opened_at) / 604800)::int AS week, count(*) AS n
        FROM cases c WHERE {OPEN} AND c.opened_at > $1 AND c.opened_at <= $2 AND c.township IS NOT NULL GROUP BY 1, 2, 3
    )
    SELECT matter, township, count(*) FILTER (WHERE n >= $3) AS weeks, sum(n)::int AS cases,
        array_agg(n::int ORDER BY week DESC) AS counts, array_agg(week ORDER BY week DESC) AS backs
    FROM weeks GROUP BY 1, 2 HAVING count(*) FILTER (WHERE n >= $3) >= $4 ORDER BY 3 DESC, 4 DESC LIMIT 40
"""


_KNOWN = f"""
    SELECT count(*) FROM generate_series(0, {_WEEKS - 1}) w WHERE EXISTS (SELECT FROM cases c WHERE {OPEN}
        AND c.opened_at > $1::timestamptz - (w + 1) * interval '7 days' AND c.opened_at <= $1 - w * interval '7 days')
"""


class Foretold(msgspec.Struct, frozen=True, kw_only=True):
    """A group of matters that the season brings: expected in the weeks ahead, the usual of as many weeks now."""

    matter: str
    weeks: int
    expected: float
    usual: float
    last_year: int
    counties: tuple[tuple[str, int], ...]

    @property
    def times(self) -> float:
        """How many times as many as now."""
        return self.expected / max(self.usual, 1)


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that comes up again and again in one township; ``counts``: cases a week, the oldest first."""

    matter: str
    township: str
    weeks: int
    cases: int
    counts: tuple[int, ...]


async def foretold(connection: db.Connection, now: datetime) -> list[Foretold]:
    """What last year's coming weeks had more of than now, scaled to this year's level; the steepest first.

    Nothing where the weeks before it are not all known: a hotline that had just begun grows by itself.
    """
    rule = city.current().rule
    weeks, more = int(rule("hot.season_weeks")), float(rule("hot.season_more")) / 100
    past, ahead = timedelta(weeks=_WEEKS), timedelta(weeks=weeks)
    then = now - SEASON
    if await connection.fetchval(_KNOWN, then) < _WEEKS:
        return []
    rows = await connection.fetch(_FORETOLD, now - past, now, then - past, then, then + ahead)
    found = []
    for row in rows:
        growth = min((row["now"] + _BEHIND) / (row["then"] + _BEHIND), _MOST_GROWTH)
        usual, expected = row["now"] * weeks / _WEEKS, row["next"] * growth
        if expected >= _LEAST and expected >= (1 + more) * usual:
            found.append((row["matter"], expected, usual, row["next"]))
    where = await connection.fetch(_WHERE, then, then + ahead, [one[0] for one in found])
    made = [
        Foretold(
            matter=matter, weeks=weeks, expected=round(expected, 1), usual=round(usual, 1), last_year=last,
            counties=tuple((row["county"], row["n"]) for row in where if row["matter"] == matter)[:3],
        )
        for matter, expected, usual, last in found
    ]
    return sorted(made, key=lambda one: (-one.times, -one.expected))


async def lasting(connection: db.Connection, now: datetime) -> list[Lasting]:
    """Matters that came up in one township in enough of the last eight weeks."""
    rule = city.current().rule
    rows = await connection.fetch(
        _LASTING, now - timedelta(weeks=_WEEKS), now, int(rule("hot.repeat_cases")), int(rule("hot.repeat_weeks"))
    )
    found = []
    for row in rows:
        by_week = dict(zip(row["backs"], row["counts"], strict=True))
        counts = tuple(by_week.get(back, 0) for back in reversed(range(_WEEKS)))
        found.append(Lasting(
            matter=row["matter"], township=row["township"], weeks=row["weeks"], cases=row["cases"], counts=counts
        ))  # fmt: skip
    return found
