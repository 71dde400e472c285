"""Figures of a span that are no plain sums: what was open, how long stages took, calls by hour, the worst 24 hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from hotline import clock, db
from sla import facts
from sla.facts_sums import quantile

BEGINNING = date(2000, 1, 1)
"""Nothing was filed before."""


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """How long a stage took in minutes: median and 90th percentile, of so many; right to 1.5 %."""

    n: int
    median: float | None
    most: float | None


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """The 24 hours up to ``until`` with the lowest answer rate of a span."""

    until: datetime
    calls: int
    answered: int

    @property
    def rate(self) -> float:
        """Answered of all, in percent."""
        return 100 * self.answered / self.calls


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one hour of one day of the week (0 is Monday) over a span, its days summed."""

    weekday: int
    hour: int
    calls: int
    answered: int
    quick: int

    @property
    def rate(self) -> float:
        """Answered of all, in percent."""
        return 100 * self.answered / self.calls


async def stock(
    connection: db.Connection, day: date, *, by: str = "", within: tuple[str, str] | None = None
) -> dict[str, int]:
    """Cases open at the end of the local day ``day``, by key ("" in all): opened until then and not ended until then.

    What was carried over (结转) into a span is the stock of the day before it. Reopened cases count as never ended.
    """
    end = date.fromordinal(day.toordinal() + 1)
    found: dict[str, int] = {}
    for one in await facts.counted(connection, ["cases", "ended"], BEGINNING, end, by=by, within=within):
        found[one.key] = found.get(one.key, 0) + (one.total if one.measure == "cases" else -one.total)
    return found


async def times(
    connection: db.Connection, measures: Sequence[str], first: date, end: date, *, within: tuple[str, str] | None = None
) -> dict[str, Took]:
    """Measure → how long it took, of the facts of ``first`` up to, not including, ``end``."""
    name, place = within or ("", "")
    args: list[object] = [list(measures), name, place]
    days = facts.of_days(args, first, end)
    rows = await connection.fetch(
        "SELECT measure, class, sum(n)::int AS n FROM fact_time WHERE measure = ANY($1::text[]) AND within = $2"
        f" AND place = $3 AND {days} GROUP BY 1, 2",
        *args,
    )
    classes: dict[str, dict[int, int]] = {}
    for row in rows:
        classes.setdefault(row["measure"], {})[row["class"]] = row["n"]
    return {
        one: Took(n=sum(classes[one].values()), median=quantile(classes[one], 0.5), most=quantile(classes[one], 0.9))
        for one in measures
        if one in classes
    }


async def hours(connection: db.Connection, first: date, end: date, *, line: str = "") -> list[Hour]:
    """Calls by day of the week and hour, of the days from ``first`` up to, not including, ``end``."""
    rows = await connection.fetch(
        "SELECT extract(isodow FROM day)::int - 1 AS weekday, hour, sum(calls)::int AS calls,"
        " sum(answered)::int AS answered, sum(quick)::int AS quick FROM fact_call"
        " WHERE day >= $1 AND day < $2 AND ($3 = '' OR line = $3) GROUP BY 1, 2 ORDER BY 1, 2",
        first, end, line,
    )  # fmt: skip
    return [Hour(**row) for row in rows]


async def worst(connection: db.Connection, first: date, end: date, *, line: str = "") -> Worst | None:
    """Of all 24 hours that end within the local days the ones with the lowest answer rate; None without calls.

    GB/T 33358-2016 asks for 95 % over any 24 hours: every beginning counts, not only whole hours or days.
    """
    row = await connection.fetchrow(
        "SELECT until, calls, answered FROM fact_worst WHERE day >= $1 AND day < $2 AND line = $3"
        " ORDER BY answered::float8 / calls, until DESC LIMIT 1",
        first, end, line,
    )  # fmt: skip
    return Worst(until=clock.utc(row["until"]), calls=row["calls"], answered=row["answered"]) if row else None
