"""Which cases are about the same real thing: same leaf matter, and near by metres, by place or by words. Pure.

"Same leaf and place" is the rule of domain.md 2.12; what counts as one place is said here and nowhere else.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

import msgspec

from hotline import outlines

SHARED_ROADS = 0.5
"""Of the roads and estates that the shorter place names, those that the other names too: one corner, told two ways."""
SHARED_WORDS = 0.5
"""Of all pairs of characters of two texts that both have."""


class Sample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One case as it is compared. ``is_wide``: its matter is an outage, for which a whole township is one place."""

    case: UUID
    matter: str
    county: str
    township: str | None
    at: datetime
    words: frozenset[str]
    roads: frozenset[str] = frozenset()
    point: tuple[float, float] | None = None
    is_wide: bool = False


def groups(samples: Iterable[Sample], metres: float) -> list[list[Sample]]:
    """The samples in groups of the same thing, groups of one left out; each group by time, oldest first.

    Compared only within a matter and a county, so that a day of ten thousand cases costs seconds.
    """
    blocks: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for one in samples:
        blocks[one.matter, one.county].append(one)
    found: list[list[Sample]] = []
    for block in blocks.values():
        if len(block) > 1:
            found += _joined(block, metres)
    return found


def _joined(block: Sequence[Sample], metres: float) -> list[list[Sample]]:
    heads = list(range(len(block)))

    def head(n: int) -> int:
        while heads[n] != n:
            heads[n] = heads[heads[n]]
            n = heads[n]
        return n

    for a, b in _pairs(block, metres):
        first, second = head(a), head(b)
        if first != second and is_same(block[a], block[b], metres):
            heads[max(first, second)] = min(first, second)
    gathered: dict[int, list[Sample]] = defaultdict(list)
    for n, one in enumerate(block):
        gathered[head(n)].append(one)
    return [sorted(group, key=lambda one: (one.at, one.case)) for group in gathered.values() if len(group) > 1]


def _pairs(block: Sequence[Sample], metres: float) -> Iterator[tuple[int, int]]:
    """Pairs that may be the same: of one township, of an unknown one with any, and points in neighbouring cells."""
    towns: dict[str | None, list[int]] = defaultdict(list)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, one in enumerate(block):
        towns[one.township].append(n)
        if one.point is not None:
            cells[_cell(one.point, metres)].append(n)
    nowhere = towns.pop(None, [])
    for known in towns.values():
        yield from combinations(known, 2)
        yield from ((a, b) for a in nowhere for b in known)
    yield from combinations(nowhere, 2)
    for (north, east), here in cells.items():
        yield from combinations(here, 2)
        for beside in ((north, east + 1), (north + 1, east - 1), (north + 1, east), (north + 1, east + 1)):
            yield from ((a, b) for a in here for b in cells.get(beside, ()))


def _cell(point: tuple[float, float], metres: float) -> tuple[int, int]:
    """A square at least ``metres`` wide in latitudes where cities are."""
    step = math.degrees(metres / outlines.RADIUS)
    return int(point[0] // step), int(point[1] // (2 * step))


def is_same(a: Sample, b: Sample, metres: float) -> bool:
    """Whether two cases of one matter and county are about the same thing.

    Two known points decide by their distance. Else two different townships are two places; where both name roads or
    estates these decide; where one names none, the words do, within one township.
    """
    if a.point and b.point and not (a.is_wide and b.is_wide):
        return outlines.apart(a.point, b.point) <= metres
    if a.township and b.township and a.township != b.township:
        return False
    is_one_town = a.township is not None and a.township == b.township
    if is_one_town and a.is_wide and b.is_wide:
        return True
    least = min(len(a.roads), len(b.roads))
    if least:
        return len(a.roads & b.roads) >= SHARED_ROADS * least
    if not is_one_town or not a.words or not b.words:
        return False
    shared = len(a.words & b.words)
    return shared >= SHARED_WORDS * (len(a.words) + len(b.words) - shared)


def most_within(times: Sequence[datetime], days: float) -> tuple[int, int]:
    """The fullest window of ``days`` over ascending ``times``, as the half-open range of their indexes."""
    best, start = (0, 0), 0
    for end in range(len(times)):
        while times[end] - times[start] > timedelta(days=days):
            start += 1
        if end + 1 - start > best[1] - best[0]:
            best = (start, end + 1)
    return best
