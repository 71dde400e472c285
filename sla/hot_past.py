"""The cases of the past as arrays, and the levels at which they are looked at: leaf or group × kind of area. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from sla import hot_hours
from sla.hot_hours import Array
from sla.hot_nouns import CITY, COUNTY, GROUP, LEAF, TOWNSHIP, Cell


class Past:
    """The cases of the past as arrays: an entry a case, and which series it belongs to at each level."""

    def __init__(self, cells: Sequence[Cell], kinds: Array) -> None:
        self.kinds = kinds
        self.length = len(kinds)
        sizes = np.fromiter((len(one.hours) for one in cells), dtype=np.int64, count=len(cells))
        self.hours = np.fromiter((h for one in cells for h in one.hours), dtype=np.int64, count=int(sizes.sum()))
        self.cell = np.repeat(np.arange(len(cells)), sizes)
        self.cells = cells
        days = np.bincount(self.hours // 24, minlength=-(-self.length // 24)) > 0
        self.known: Array = np.repeat(days, 24)[: self.length]
        """Which hours lie in days on which anything came at all: others were before the hotline, or are a gap."""
        self.county_of = {one.township: one.county for one in cells if one.township}
        self.city = hot_hours.city_shape(self.hours, kinds, 24, self.known)
        groups = sorted({one.matter[:GROUP] for one in cells})
        of_group = {code: n for n, code in enumerate(groups)}
        self.group = np.array([of_group[one.matter[:GROUP]] for one in cells], dtype=np.int64)
        """The group of each cell."""
        self.groups = groups
        self._known: dict[int, tuple[Array, Array]] = {}
        self.busy = self._busy()
        """A row a group: how busy each hour is for it, against its mean hour; 0 where nothing is known."""

    def days_before(self, hours: int) -> int:
        """How many days of the past before the last ``hours`` are known."""
        return int(self.known[hours::24].sum())

    def by_cell(self, hours: int, fade: Array) -> tuple[Array, Array]:
        """Of each cell the cases of the last ``hours``, and those before them, each counting as ``fade`` says."""
        if hours not in self._known:
            self._known[hours] = (
                np.bincount(self.cell[self.hours < hours], minlength=len(self.cells)),
                np.bincount(self.cell, weights=fade[self.hours], minlength=len(self.cells)),
            )
        return self._known[hours]

    def _busy(self) -> Array:
        order = np.argsort(self.group[self.cell], kind="stable")
        edges = np.searchsorted(self.group[self.cell][order], np.arange(len(self.groups) + 1))
        rows = [
            hot_hours.group_shape(self.hours[order[a:b]], self.kinds, 24, self.city, self.known)[self.kinds]
            for a, b in pairwise(edges.tolist())
        ]
        return np.array(rows).reshape(len(self.groups), self.length) * self.known


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
