"""Trend, place, repeat: each matter or place this week (or day) against the last and last year's; who came again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from hotline import city, clock, db
from sla.hot_evidence import OPEN, SEASON, WHO

PERIODS = {"week": 7, "day": 1}
BACK = 8
"""How many such periods a row's picture shows."""
_KEYS = {"group": "left(c.matter, 4)", "leaf": "c.matter", "county": "c.county", "township": "coalesce(c.township, '')"}
_SUMS = f"""
    SELECT {{key}} AS key,
        count(*) FILTER (WHERE c.opened_at > $3) AS this,
        count(*) FILTER (WHERE c.opened_at > $2 AND c.opened_at <= $3) AS last,
        count(*) FILTER (WHERE c.opened_at > $6 AND c.opened_at <= $7) AS year
    FROM cases c WHERE {OPEN} AND (c.opened_at > $2 AND c.opened_at <= $1 OR c.opened_at > $6 AND c.opened_at <= $7)
        AND ($4 = '' OR c.county = $4) AND ($5 = '' OR c.matter ^@ $5) GROUP BY 1
"""
_SERIES = f"""
    SELECT {{key}} AS key, floor(extract(epoch FROM $1 - c.opened_at) / $2)::int AS back, count(*)::int AS n
    FROM cases c WHERE {OPEN} AND c.opened_at > $3 AND c.opened_at <= $1
        AND ($4 = '' OR c.county = $4) AND ($5 = '' OR c.matter ^@ $5) AND {{key}} = ANY($6) GROUP BY 1, 2
"""
_REPEATS = f"""
    SELECT {{key}} AS key, count(*) AS n FROM cases c JOIN LATERAL ({WHO}) w ON true
    WHERE {OPEN} AND c.opened_at > $1 AND c.opened_at <= $2 AND ($3 = '' OR c.county = $3)
        AND ($4 = '' OR c.matter ^@ $4) AND {{key}} = ANY($6)
        AND EXISTS (SELECT FROM request o WHERE o.phone_index = w.phone_index AND o.filed_at < c.opened_at
                    AND o.filed_at > c.opened_at - $5::interval)
    GROUP BY 1
"""
ROWS = 40


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One matter or place: this period, the last, last year's; ``repeats`` of this one had come before."""

    key: str
    this: int
    last: int
    year: int
    repeats: int
    series: tuple[int, ...]

    @property
    def change(self) -> float | None:
        """Against the last period, as a share; None where there was nothing."""
        return (self.this - self.last) / self.last if self.last else None

    @property
    def change_year(self) -> float | None:
        """Against last year's."""
        return (self.this - self.year) / self.year if self.year else None

    @property
    def repeat_share(self) -> float | None:
        """Share of repeat callers."""
        return self.repeats / self.this if self.this else None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The whole local days that are compared: the last day of this period, and its length."""

    last_day: date
    days: int

    @property
    def end(self) -> datetime:
        """The moment after its last day."""
        return clock.on(self.last_day + timedelta(days=1))

    @property
    def first_day(self) -> date:
        """Its first day."""
        return self.last_day - timedelta(days=self.days - 1)


def span(period: str, today: date) -> Span:
    """The last full days: of a week those that ended yesterday, of a day yesterday."""
    return Span(last_day=today - timedelta(days=1), days=PERIODS.get(period, 7))


async def read(
    connection: db.Connection, when: Span, by: str, *, county: str = "", matter: str = ""
) -> list[Trend]:
    """The rows ``by`` group, leaf, county or township, those with most cases first; at most ROWS."""
    key, end, length = _KEYS[by], when.end, timedelta(days=when.days)
    begin = end - length
    rows = await connection.fetch(
        _SUMS.format(key=key), end, begin - length, begin, county, matter, begin - SEASON, end - SEASON
    )
    rows = sorted(rows, key=lambda row: (-row["this"], -row["last"], row["key"]))[:ROWS]
    keys = [row["key"] for row in rows]
    backs = await connection.fetch(
        _SERIES.format(key=key), end, length.total_seconds(), end - BACK * length, county, matter, keys
    )
    counted = {(row["key"], row["back"]): row["n"] for row in backs}
    since = timedelta(days=float(city.current().rule("hot.repeat_days")))
    again = await connection.fetch(_REPEATS.format(key=key), begin, end, county, matter, since, keys)
    repeats = {row["key"]: row["n"] for row in again}
    return [
        Trend(
            key=row["key"], this=row["this"], last=row["last"], year=row["year"], repeats=repeats.get(row["key"], 0),
            series=tuple(counted.get((row["key"], back), 0) for back in reversed(range(BACK))),
        )
        for row in rows
    ]
