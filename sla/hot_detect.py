"""Which matters come up where more often than usual for this hour, kind of day and season. Pure: counts in, hits out.

Each matter (leaf and group) × area (township, county, city) is compared with its own past: how busy such hours are for
its group, its level over the last weeks (the nearer ones count more), leaning on the city's level where it is small,
the turn of the season as last year had it, and how much its counts vary. A hotline that has no past yet finds nothing;
days on which nothing came at all (before it began, a gap) are no past. Why so: docs/adr/0033.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sla import hot_past, hot_tail
from sla.hot_apart import apart
from sla.hot_hours import Array
from sla.hot_nouns import CITY, GROUP, PICTURE, WINDOWS, Cell, Hit, Limits, Point
from sla.hot_past import Level, Past

_HALF_LIFE = 21 * 24.0
_PRIOR = 7 * 24.0
"""Hours of the city's level that stand behind an area's own."""
_SPREAD, _SPREAD_WEIGHT = 0.06, 60.0
_SEASON_CASES, _SEASON_MOST = 12.0, 5.0
_SEASON_NOW, _SEASON_BEFORE = 10, 28
"""Days of last year's two weeks, and of those before them, that must be known before the season turns anything."""


def season(last_year: Mapping[str, Sequence[int]], days: int) -> dict[str, float]:
    """By matter and group, how last year's same two weeks stood to the weeks before them.

    ``last_year``: days before the end of those two weeks of each of last year's cases, by leaf; ``days`` of baseline.
    Days on which nothing came at all are no part of it; a year of which too little is known turns nothing.
    """
    every = np.array([back for backs in last_year.values() for back in backs], dtype=np.int64)
    known = np.bincount(every, minlength=14 + days)[: 14 + days] > 0
    if known[:14].sum() < _SEASON_NOW or known[14:].sum() < _SEASON_BEFORE:
        return {}
    usually = (0.5 ** (np.arange(days) * 24 / _HALF_LIFE) * known[14:]).sum()
    found: dict[str, list[int]] = {}
    for matter, backs in last_year.items():
        for key in (matter, matter[:GROUP]):
            found.setdefault(key, []).extend(backs)
    factors = {}
    for key, backs in found.items():
        back = np.asarray(backs, dtype=float)
        before = back[(back >= 14) & (back < 14 + days)] - 14
        weights = 0.5 ** (before * 24 / _HALF_LIFE)
        usual = known[:14].sum() * weights.sum() / usually
        turn = ((back < 14).sum() + _SEASON_CASES) / (usual + _SEASON_CASES)
        factors[key] = float(min(max(turn, 1 / _SEASON_MOST), _SEASON_MOST))
    return factors


def found(cells: Sequence[Cell], kinds: Array, turns: Mapping[str, float], limits: Limits) -> list[Hit]:
    """Everything that passes, each once: what explains more stands for what lies within it or around it."""
    hits, tests = scanned(cells, kinds, turns, limits)
    edge = min(hot_tail.passing([one.chance for one in hits], tests, limits.share), limits.chance)
    return apart([one for one in hits if one.chance <= edge], limits)


def scanned(
    cells: Sequence[Cell], kinds: Array, turns: Mapping[str, float], limits: Limits
) -> tuple[list[Hit], int]:
    """All that is frequent enough and not likely by chance alone, and how many series and windows were looked at."""
    if not cells:
        return [], 0
    past = Past(cells, kinds)
    levels = hot_past.levels(past)
    hits: list[Hit] = []
    tests = 0
    for hours in WINDOWS:
        if past.days_before(max(hours, 24)) < limits.days:
            continue
        rates: dict[tuple[str, str], float] = {}
        shares = _shares(past, max(hours, 24))
        for level in levels:
            one = _Scan(past, level, hours, rates, shares, turns)
            tests += one.tests
            hits += one.hits(limits)
    return hits, tests


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
        fade = 0.5 ** (np.arange(past.length) / _HALF_LIFE)
        fade[: max(hours, 24)] = 0
        size, has = len(level.names), level.series >= 0
        now, before = past.by_cell(hours, fade)
        self.observed = np.bincount(level.series[has], weights=now[has], minlength=size)
        own = np.bincount(level.series[has], weights=before[has], minlength=size)
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
        of_cell = np.where(self.level.series >= 0, row[self.level.series], -1)
        own = np.flatnonzero((of_cell >= 0)[past.cell])
        rows, hours = of_cell[past.cell[own]], past.hours[own]
        back = hours // step
        mask = (back >= 1) & (back <= windows) & (hours % step < self.hours)
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
