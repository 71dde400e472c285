"""The sums of the fact store: which cells a fact counts in, and the SQL that sums all facts anew. Pure.

Both must come to the same: the one adds what changed, the other makes the store of nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from typing import Any

DIMENSIONS = ("county", "unit", "matter", "township", "line", "channel", "kind")
WITHIN = ("county", "unit", "line")
CELLS: tuple[tuple[str, str], ...] = (
    ("", ""), *(("", one) for one in DIMENSIONS), *((one, "") for one in WITHIN),
    *((a, b) for a in WITHIN for b in DIMENSIONS if a != b and (b != "township" or a == "county")),
)  # fmt: skip
"""Every pair of within and by that is summed: subdistricts of the city and of a county only."""
_MOST_MINUTES = 60 * 24 * 90


def _classes() -> list[int]:
    """Upper ends of the classes of minutes: each minute of the first hour, then 3 % wider each."""
    found = list(range(1, 61))
    while found[-1] < _MOST_MINUTES:
        found.append(max(found[-1] + 1, round(found[-1] * 1.03)))
    return found


CLASSES = _classes()


def class_of(minutes: int) -> int:
    """The class that a length of time is in; ``width_bucket`` says the same."""
    return bisect_right(CLASSES, minutes)


def middle(one: int) -> float:
    """Minutes that stand for a class: its middle; a minute in the first hour."""
    edges = [0, *CLASSES]
    if one >= len(CLASSES):
        return float(CLASSES[-1])
    low, high = edges[one], edges[one + 1]
    return float(low) if high - low <= 1 else (low + high - 1) / 2


def quantile(classes: Mapping[int, int], q: float) -> float | None:
    """Minutes below which a share ``q`` lies, right to 1.5 %; None of nothing."""
    whole = sum(classes.values())
    before = 0
    for one in sorted(classes):
        before += classes[one]
        if before >= q * whole and whole:
            return middle(one)
    return None


Key = tuple[str, date, str, str, str, str, str]
"""grain, first, measure, within, place, by, key."""
TimeKey = tuple[str, date, str, str, str, int]


class Change:
    """What a set of facts that came and went adds to the sums."""

    def __init__(self) -> None:
        self.sums: dict[Key, list[int]] = {}
        self.times: dict[TimeKey, int] = {}

    def add(self, fact: Mapping[str, Any], sign: int) -> None:
        """Count one fact, or with ``sign`` -1 take it out again."""
        is_in = fact["excluded"] is None
        more = (sign * is_in, sign * (is_in and fact["good"]), sign * (not is_in))
        day: date = fact["day"]
        for grain, first in (("day", day), ("month", day.replace(day=1))):
            for within, by in CELLS:
                place, key = fact[within] if within else "", fact[by] if by else ""
                one = self.sums.setdefault((grain, first, fact["measure"], within, place, by, key), [0, 0, 0])
                for n, value in enumerate(more):
                    one[n] += value
            if is_in and fact["minutes"] is not None:
                self._time(fact, grain, first, sign)

    def _time(self, fact: Mapping[str, Any], grain: str, first: date, sign: int) -> None:
        one = class_of(fact["minutes"])
        for within in ("", *WITHIN):
            key = (grain, first, fact["measure"], within, fact[within] if within else "", one)
            self.times[key] = self.times.get(key, 0) + sign


def _mask(*dimensions: str) -> int:
    """What ``grouping(...)`` of all dimensions says of a row that is by these: a bit is 0 where it is by it."""
    return sum(1 << n for n, one in enumerate(reversed(DIMENSIONS)) if one not in dimensions)


def _value(of: str) -> str:
    whens = " ".join(f"WHEN '{one}' THEN {one}" for one in DIMENSIONS)
    return f"CASE {of} {whens} ELSE '' END"


def day_sums() -> str:
    """Writes the day sums of the facts of the days from ``$1`` up to ``$2`` by two dimensions: one pass over them.

    In the order of the index, so that each of its pages is written once. ``DAY_SINGLES`` then adds the others.
    """
    names = ", ".join(DIMENSIONS)
    pairs = [(within, by) for within, by in CELLS if within and by]
    groups = ", ".join(f"(day, measure, {', '.join(sorted(one))})" for one in dict.fromkeys(map(frozenset, pairs)))
    cells = ", ".join(f"({_mask(within, by)}, '{within}', '{by}')" for within, by in pairs)
    return f"""
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT 'day', g.day, g.measure, x.within, {_value("x.within")}, x.by, {_value("x.by")}, g.total, g.good, g.put_aside
    FROM (SELECT day, measure, {names}, grouping({names}) AS mask,
            count(*) FILTER (WHERE excluded IS NULL) AS total,
            count(*) FILTER (WHERE excluded IS NULL AND good) AS good, count(excluded) AS put_aside
        FROM fact WHERE day >= $1 AND day < $2 GROUP BY GROUPING SETS ({groups})) g
    JOIN (VALUES {cells}) x (mask, within, by) ON x.mask = g.mask ORDER BY 3, 4, 5, 6, 2, 7
    """


def _singles() -> str:
    """One SELECT for each kind of cell by less than two dimensions, of those by two that hold it."""
    county = WITHIN[0]
    kinds = (
        ("''", "''", "by", "key", f"within = '{county}' AND by <> ''"),
        ("''", "''", f"'{county}'", "place", f"within = '{county}' AND by = 'kind'"),
        ("within", "place", "''", "''", f"within IN ({', '.join(map(repr, WITHIN))}) AND by = 'kind'"),
        ("''", "''", "''", "''", f"within = '{county}' AND by = 'kind'"),
    )
    return " UNION ALL ".join(
        f"""SELECT 'day', first, measure, {within}, {place}, {by}, {key}, sum(total), sum(good), sum(put_aside)
        FROM fact_sum WHERE grain = 'day' AND first >= $1 AND first < $2 AND {held} GROUP BY 1, 2, 3, 4, 5, 6, 7"""
        for within, place, by, key, held in kinds
    )


DAY_SINGLES = f"""
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside) {_singles()}
"""
"""Writes the day sums by one dimension and by none, of those by two: a third of the work of counting facts anew."""


def day_times() -> str:
    """Writes the classes of minutes of the facts of the days from ``$1`` up to ``$2``."""
    edges = ", ".join(map(str, CLASSES))
    sets = ", ".join(f"(day, measure, class{', ' if one else ''}{one})" for one in ("", *WITHIN))
    within = " ".join(f"WHEN grouping({one}) = 0 THEN '{one}'" for one in WITHIN)
    place = " ".join(f"WHEN grouping({one}) = 0 THEN {one}" for one in WITHIN)
    return f"""
    INSERT INTO fact_time (grain, first, measure, within, place, class, n)
    SELECT 'day', day, measure, CASE {within} ELSE '' END, CASE {place} ELSE '' END, class, count(*)
    FROM (SELECT day, measure, {", ".join(WITHIN)}, width_bucket(minutes, ARRAY[{edges}]) AS class FROM fact
        WHERE day >= $1 AND day < $2 AND minutes IS NOT NULL AND excluded IS NULL) f
    GROUP BY GROUPING SETS ({sets}) ORDER BY 4, 5, 3, 2, 6
    """


MONTH_SUMS = """
    INSERT INTO fact_sum (grain, first, measure, within, place, by, key, total, good, put_aside)
    SELECT 'month', date_trunc('month', first)::date, measure, within, place, by, key, sum(total), sum(good),
        sum(put_aside)
    FROM fact_sum WHERE grain = 'day' AND first >= $1 AND first < $2 GROUP BY 2, 3, 4, 5, 6, 7
"""
"""The sums of the months of these days, from those of the days."""
MONTH_TIMES = """
    INSERT INTO fact_time (grain, first, measure, within, place, class, n)
    SELECT 'month', date_trunc('month', first)::date, measure, within, place, class, sum(n)
    FROM fact_time WHERE grain = 'day' AND first >= $1 AND first < $2 GROUP BY 2, 3, 4, 5, 6
"""
"""The same of the classes of minutes."""

