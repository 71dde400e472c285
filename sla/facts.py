"""Figures as they are read from the fact store: sums by day or month and by one thing more, and the cases behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from hotline import clock, db
from sla.facts_cases import Behind, Found, cases
from sla.facts_sums import CELLS, DIMENSIONS
from sla.measures import MEASURES

__all__ = ["Behind", "Figure", "Found", "as_of", "cases", "counted"]
_EACH = {
    "": "NULL::date", "day": "first", "week": "date_trunc('week', first)::date",
    "month": "date_trunc('month', first)::date",
}  # fmt: skip


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One sum. ``first`` is the day or month it is of (None: the whole span); ``key`` what it is by ("" in all)."""

    measure: str
    first: date | None
    key: str
    total: int
    good: int
    put_aside: int = 0

    @property
    def rate(self) -> float | None:
        """The good ones as a percentage of all, 0 to 100; None of nothing, or where the measure is no rate."""
        return 100 * self.good / self.total if self.total and MEASURES[self.measure].is_rate else None


async def counted(
    connection: db.Connection,
    measures: Sequence[str],
    first: date,
    end: date,
    *,
    by: str = "",
    each: str = "",
    within: tuple[str, str] | None = None,
    only: Sequence[str] | None = None,
) -> list[Figure]:
    """Sums of the local days from ``first`` up to, not including, ``end``.

    ``by`` one of county, unit, matter, township, line, channel, kind; ``each`` "day", "week" (its Monday) or "month"
    for a line of time, "" for the whole span; ``within`` ("county" | "unit" | "line", code) narrows; ``only`` keeps
    these keys of ``by``.
    Raises ValueError for a measure, dimension or narrowing that the store does not keep.
    """
    _check(measures, by, each, within)
    name, place = within or ("", "")
    args: list[object] = [list(measures), name, place, by]
    days = of_days(args, first, end, each)
    keys = ""
    if only is not None:
        args.append(list(only))
        keys = f"AND key = ANY(${len(args)}::text[])"
    rows = await connection.fetch(
        f"SELECT measure, {_EACH[each]} AS first, key, sum(total)::int AS total, sum(good)::int AS good,"
        " sum(put_aside)::int AS put_aside FROM fact_sum WHERE measure = ANY($1::text[]) AND within = $2"
        f" AND place = $3 AND by = $4 AND {days} {keys} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        *args,
    )
    return [Figure(**row) for row in rows]


def _check(measures: Sequence[str], by: str, each: str, within: tuple[str, str] | None) -> None:
    unknown = [one for one in measures if one not in MEASURES]
    is_odd = by not in ("", *DIMENSIONS) or each not in _EACH
    if unknown or is_odd or (within is not None and (within[0], by) not in CELLS):
        msg = f"the store keeps no such figure: {unknown or measures}, by {by!r}, each {each!r}, within {within}"
        raise ValueError(msg)


def of_days(args: list[object], first: date, end: date, each: str = "") -> str:
    """SQL over a table of sums that holds for these days; its arguments are put behind those of ``args``."""
    parts = []
    for grain, since, until in spans(first, end, each):
        args += [grain, since, until]
        n = len(args)
        parts.append(f"(grain = ${n - 2} AND first >= ${n - 1} AND first < ${n})")
    return f"({' OR '.join(parts) or 'FALSE'})"


def spans(first: date, end: date, each: str = "") -> list[tuple[str, date, date]]:
    """Whole months from their own sums where they can be, the days before and after from theirs."""
    if each in ("day", "week"):
        return [("day", first, end)]
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = end.replace(day=1)
    if begins >= ends:
        return [("day", first, end)]
    return [
        one for one in (("day", first, begins), ("month", begins, ends), ("day", ends, end)) if one[1] < one[2]
    ]


async def as_of(connection: db.Connection) -> datetime | None:
    """When the store last took over news; None before it ever did."""
    found: datetime | None = await connection.fetchval("SELECT min(at) FROM fact_mark")
    return found and clock.utc(found)
