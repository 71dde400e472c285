"""Which hits tell of different things: what lies within one another is one thing, told where it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sla import hot_tail
from sla.hot_nouns import CITY, COUNTY, TOWNSHIP, Hit, Limits

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
