"""Which matters come up where more often than usual for this hour, kind of day and season. Pure: counts in, hits out.

Each matter (leaf and group) × area (township, county, city) is compared with its own past: how busy such hours are for
its group, its level over the last weeks (the nearer ones count more), leaning on the city's level where it is small,
the turn of the season as last year had it, and how much its counts vary. Why so: docs/adr/0033.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from sla import hot_hours, hot_tail
from sla.hot_hours import Array

LEAF, GROUP = 6, 4
"""Digits of a code: a leaf of the catalogue and the group above it."""
TOWNSHIP, COUNTY, CITY = "township", "county", "city"
WINDOWS = (3, 24, 168)
"""Hours that are looked at: the last three, the last day, the last week."""
PICTURE = {3: 14, 24: 14, 168: 7}
"""How many windows of the past a picture shows."""
_HALF_LIFE = 21 * 24.0
_PRIOR = 7 * 24.0
"""Hours of the city's level that stand behind an area's own."""
_SPREAD, _SPREAD_WEIGHT = 0.06, 60.0
_SEASON_CASES, _SEASON_MOST = 12.0, 5.0


class Cell(msgspec.Struct, frozen=True, gc=False):
    """The past cases of one leaf in one township ("" where unknown): hours before now, 0 for the last one."""

    matter: str
    county: str
    township: str
    hours: Sequence[int]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What passes: at least so many cases, so many times the usual, so small a chance, so few false alarms."""

    least: int = 5
    ratio: float = 1.6
    chance: float = 1e-6
    share: float = 0.01


class Point(msgspec.Struct, frozen=True, gc=False):
    """One window of a picture, ``back`` windows before the one told of: what came and the usual."""

    back: int
    observed: int
    low: int
    expected: float
    high: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that comes up unusually often in an area, within the last ``hours``."""

    matter: str
    kind: str
    area: str
    county: str
    hours: int
    observed: int
    expected: float
    low: int
    high: int
    chance: float
    spread: float
    points: tuple[Point, ...] = ()

    @property
    def excess(self) -> float:
        """Cases beyond the usual."""
        return max(self.observed - self.expected, 0.0)

    @property
    def ratio(self) -> float:
        """How many times the usual, which counts as half a case at least."""
        return self.observed / max(self.expected, 0.5)

    @property
    def level(self) -> int:
        """1 more than usual, 2 much more, 3 far more; it rises as it grows, and is told once each."""
        return 1 + (self.ratio >= 3 and self.excess >= 10) + (self.ratio >= 5 and self.excess >= 30)


def season(last_year: Mapping[str, Sequence[int]], days: int) -> dict[str, float]:
    """By matter and group, how last year's same two weeks stood to the weeks before them.

    ``last_year``: days before the end of those two weeks of each of last year's cases, by leaf; ``days`` of baseline.
    """
    found: dict[str, list[int]] = {}
    for matter, backs in last_year.items():
        for key in (matter, matter[:GROUP]):
            found.setdefault(key, []).extend(backs)
    factors = {}
    for key, backs in found.items():
        back = np.asarray(backs, dtype=float)
        before = back[(back >= 14) & (back < 14 + days)] - 14
        weights = 0.5 ** (before * 24 / _HALF_LIFE)
        usual = 14 * weights.sum() / (0.5 ** (np.arange(days) * 24 / _HALF_LIFE)).sum()
        turn = ((back < 14).sum() + _SEASON_CASES) / (usual + _SEASON_CASES)
        factors[key] = float(min(max(turn, 1 / _SEASON_MOST), _SEASON_MOST))
    return factors


class Past:
    """The cases of the past as arrays: an entry a case, and which series it belongs to at each level."""

    def __init__(self, cells: Sequence[Cell], kinds: Array) -> None:
        self.kinds = kinds
        self.length = len(kinds)
        sizes = np.fromiter((len(one.hours) for one in cells), dtype=np.int64, count=len(cells))
        self.hours = np.fromiter((h for one in cells for h in one.hours), dtype=np.int64, count=int(sizes.sum()))
        self.cell = np.repeat(np.arange(len(cells)), sizes)
        self.cells = cells
        self.county_of = {one.township: one.county for one in cells if one.township}
        self.city = hot_hours.city_shape(self.hours, kinds, 24)
        groups = sorted({one.matter[:GROUP] for one in cells})
        of_group = {code: n for n, code in enumerate(groups)}
        self.group = np.array([of_group[one.matter[:GROUP]] for one in cells], dtype=np.int64)
        """The group of each cell."""
        self.groups = groups
        self.busy = self._busy()
        """A row a group: how busy each hour of the past is for it, against its mean hour."""

    def _busy(self) -> Array:
        order = np.argsort(self.group[self.cell], kind="stable")
        edges = np.searchsorted(self.group[self.cell][order], np.arange(len(self.groups) + 1))
        rows = [
            hot_hours.group_shape(self.hours[order[a:b]], self.kinds, 24, self.city)[self.kinds]
            for a, b in pairwise(edges.tolist())
        ]
        return np.array(rows).reshape(len(self.groups), self.length)


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """One level of series (leaf or group × kind of area): their names, and the series of each cell (-1: none)."""

    kind: str
    names: Sequence[tuple[str, str]]
    series: Any
    group: Any


def levels(past: Past) -> list[Level]:
    """All six levels, the city's first: the others lean on it."""
    found = []
    for kind in (CITY, COUNTY, TOWNSHIP):
        for digits in (LEAF, GROUP):
            keys = [_key(one, kind, digits) for one in past.cells]
            names = sorted({key for key in keys if key is not None})
            number = {name: n for n, name in enumerate(names)}
            series = np.array([-1 if key is None else number[key] for key in keys], dtype=np.int64)
            group = np.zeros(len(names), dtype=np.int64)
            group[series[series >= 0]] = past.group[series >= 0]
            found.append(Level(kind=kind, names=names, series=series, group=group))
    return found


def _key(cell: Cell, kind: str, digits: int) -> tuple[str, str] | None:
    matter = cell.matter[:digits]
    if kind == CITY:
        return matter, CITY
    area = cell.township if kind == TOWNSHIP else cell.county
    return (matter, area) if area and area != CITY else None


def found(cells: Sequence[Cell], kinds: Array, turns: Mapping[str, float], limits: Limits) -> list[Hit]:
    """Everything that passes, each once: what explains more stands for what lies within it or around it."""
    if not cells:
        return []
    past = Past(cells, kinds)
    all_levels = levels(past)
    hits: list[Hit] = []
    tests = 0
    for hours in WINDOWS:
        rates: dict[tuple[str, str], float] = {}
        shares = _shares(past, max(hours, 24))
        for level in all_levels:
            one = _Scan(past, level, hours, rates, shares, turns)
            tests += one.tests
            hits += one.hits(limits)
    edge = min(hot_tail.passing([one.chance for one in hits], tests, limits.share), limits.chance)
    return apart([one for one in hits if one.chance <= edge], limits)


def _shares(past: Past, since: int) -> dict[str, float]:
    """What share of all cases comes from each county and township."""
    counts = np.bincount(past.cell[past.hours >= since], minlength=len(past.cells))
    total = max(float(counts.sum()), 1.0)
    found: dict[str, float] = {}
    for cell, n in zip(past.cells, counts, strict=True):
        for area in {cell.county, cell.township}:
            found[area] = found.get(area, 0.0) + float(n) / total
    return found


class _Scan:
    """One level looked at through one window."""

    def __init__(
        self, past: Past, level: Level, hours: int, rates: dict[tuple[str, str], float], shares: Mapping[str, float],
        turns: Mapping[str, float],
    ) -> None:  # fmt: skip
        self.past, self.level, self.hours = past, level, hours
        series = level.series[past.cell]
        since = max(hours, 24)
        fade = 0.5 ** (np.arange(past.length) / _HALF_LIFE)
        fade[:since] = 0
        size = len(level.names)
        has = series >= 0
        self.observed = np.bincount(series[has & (past.hours < hours)], minlength=size)
        own = np.bincount(series[has], weights=fade[past.hours[has]], minlength=size)
        exposed = (past.busy * fade).sum(1)[level.group]
        behind = np.array([self._behind(name, rates, shares) for name in level.names])
        prior = _PRIOR if level.kind != CITY else 0.0
        self.weight = own + prior * behind + 0.5
        """How many cases the level rests on."""
        self.rate = self.weight / (exposed + prior)
        if level.kind == CITY:
            rates.update(zip(level.names, self.rate.tolist(), strict=True))
        self.turn = np.array([turns.get(matter, 1.0) for matter, _ in level.names])
        self.expected = self.rate * past.busy[:, :hours].sum(1)[level.group] * self.turn
        self.tests = int(((own > 0) | (self.observed > 0)).sum())

    def _behind(
        self, name: tuple[str, str], rates: Mapping[tuple[str, str], float], shares: Mapping[str, float]
    ) -> float:
        return 0.0 if self.level.kind == CITY else rates.get((name[0], CITY), 0.0) * shares.get(name[1], 0.0)

    def hits(self, limits: Limits) -> list[Hit]:
        """Those that have enough cases and are far enough above the usual, each with its chance and its picture."""
        chosen = np.flatnonzero(
            (self.observed >= limits.least) & (self.observed >= limits.ratio * self.expected)
        )
        if not chosen.size:
            return []
        counts, means = self._history(chosen)
        past, made = self.past, []
        for n, one in enumerate(chosen.tolist()):
            mean, seen = float(self.expected[one]), int(self.observed[one])
            spread = _spread(counts[n], means[n]) + 1 / float(self.weight[one])
            chance = hot_tail.tail(seen, mean, spread)
            if chance > limits.share:
                continue
            low, high = hot_tail.band(mean, spread)
            matter, area = self.level.names[one]
            county = "" if self.level.kind == CITY else past.county_of.get(area, area)
            shown = PICTURE[self.hours]
            before = [
                _point(back, int(counts[n][back - 1]), float(means[n][back - 1] * self.turn[one]), spread)
                for back in range(min(shown, counts.shape[1]), 0, -1)
            ]
            made.append(Hit(
                matter=matter, kind=self.level.kind, area=area, county=county, hours=self.hours, observed=seen,
                expected=round(mean, 2), low=low, high=high, chance=chance, spread=spread,
                points=(*before, Point(0, seen, low, round(mean, 2), high)),
            ))  # fmt: skip
        return made

    def _history(self, chosen: Array) -> tuple[Array, Array]:
        """Counts and expected counts of the same window one day (or week) earlier, two, and so on; a row a series."""
        past, step = self.past, max(self.hours, 24)
        windows = (past.length - self.hours) // step
        row = np.full(len(self.level.names), -1, dtype=np.int64)
        row[chosen] = np.arange(chosen.size)
        series = self.level.series[past.cell]
        rows = np.where(series >= 0, row[series], -1)
        back = past.hours // step
        mask = (rows >= 0) & (back >= 1) & (back <= windows) & (past.hours % step < self.hours)
        places = rows[mask] * windows + back[mask] - 1
        counts = np.bincount(places, minlength=chosen.size * windows).reshape(chosen.size, windows)
        sums = np.array([
            past.busy[:, step * k : step * k + self.hours].sum(1) for k in range(1, windows + 1)
        ]).T.reshape(len(past.groups), windows)  # fmt: skip
        return counts, sums[self.level.group[chosen]] * self.rate[chosen][:, None]


def _point(back: int, observed: int, mean: float, spread: float) -> Point:
    low, high = hot_tail.band(mean, spread)
    return Point(back, observed, low, round(mean, 2), high)


def _spread(counts: Array, means: Array) -> float:
    """How much more than by chance a series varies; an outbreak of the past does not make the next one usual."""
    capped = np.minimum(counts, means + 6 * np.sqrt(means + 1))
    above = ((capped - means) ** 2 - means).sum() + _SPREAD * _SPREAD_WEIGHT
    return float(min(max(above / ((means**2).sum() + _SPREAD_WEIGHT), 0.005), 2.0))


_EXPLAINED, _SPREAD_OVER = 0.6, 3
"""What lies within explains a wider hit from this share of its excess on, unless it is spread over so many places."""
_ORDER = {TOWNSHIP: 0, COUNTY: 1, CITY: 2}


def apart(hits: Sequence[Hit], limits: Limits) -> list[Hit]:
    """The hits that tell of different things: the narrow ones first, a wider one where they do not explain it."""
    kept: list[Hit] = []
    for one in sorted(_best(hits), key=_narrow_first):
        near = [other for other in kept if _touch(one, other)]
        within = [other for other in near if _within(other, one)]
        if not near:
            kept.append(one)
        elif len(within) == len(near) and not _is_explained(one, within, limits):
            if within[0].matter == one.matter:  # the same in many places is one thing
                kept = [other for other in kept if other not in within]
            kept.append(one)
    return sorted(kept, key=lambda hit: (-hit.level, hit.chance, hit.matter, hit.area))


def _narrow_first(hit: Hit) -> tuple[int, int, float, str, str]:
    return -len(hit.matter), _ORDER[hit.kind], hit.chance, hit.matter, hit.area


def _best(hits: Sequence[Hit]) -> list[Hit]:
    """Of each matter and area the window that is least likely by chance."""
    best: dict[tuple[str, str], Hit] = {}
    for one in sorted(hits, key=lambda hit: (hit.chance, hit.hours)):
        best.setdefault((one.matter, one.area), one)
    return list(best.values())


def _is_explained(one: Hit, within: Sequence[Hit], limits: Limits) -> bool:
    """Whether a wider hit is no more than those within it."""
    told = sum(other.excess for other in within)
    is_spread = within[0].matter == one.matter and len(within) >= _SPREAD_OVER
    if told >= _EXPLAINED * one.excess and not is_spread:
        return True
    rest = one.observed if is_spread else one.observed - round(told)
    if rest < limits.least or rest < limits.ratio * one.expected:
        return True
    return hot_tail.tail(rest, max(one.expected, 0.01), one.spread) > limits.chance


def _touch(one: Hit, other: Hit) -> bool:
    """Whether they may count the same cases: one matter and area lies within the other's."""
    return (one.matter.startswith(other.matter) or other.matter.startswith(one.matter)) and (
        _in_area(one, other) or _in_area(other, one)
    )


def _within(one: Hit, other: Hit) -> bool:
    return one.matter.startswith(other.matter) and _in_area(one, other)


def _in_area(one: Hit, other: Hit) -> bool:
    if other.kind == CITY or one.area == other.area:
        return True
    return other.kind == COUNTY and one.kind == TOWNSHIP and one.county == other.county
