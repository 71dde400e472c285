"""Where within an area a window's cases lie: townships, roads and villages that several name, points close together.

Pure. Of roads and points only what ``least`` requesters share is told, and a point to a hundred metres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from cases import likeness, redaction

_DEGREE = 111_320.0
"""Metres of a degree of latitude."""
_MOST = 5


class Spot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One case's place; ``who`` is a key of its requester, "" for the nameless."""

    who: str
    township: str = ""
    place: str = ""
    point: tuple[float, float] | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place with how many cases and requesters. ``kind``: township (``name`` is its code), road, point."""

    kind: str
    name: str
    cases: int
    requesters: int
    point: tuple[float, float] | None = None


def where(spots: Sequence[Spot], metres: float, least: int = 5) -> list[Place]:
    """Townships first (those with two cases and more), then roads and villages, then points close together."""
    towns: dict[str, list[Spot]] = {}
    roads: dict[str, list[Spot]] = {}
    for one in spots:
        if one.township:
            towns.setdefault(one.township, []).append(one)
        for road in likeness.roads(redaction.cut(one.place, redaction.finds(one.place))):
            roads.setdefault(road, []).append(one)
    found = [*_told("township", towns, 1)[:_MOST], *_told("road", roads, least)[:_MOST]]
    return found + _points(spots, metres, least)


def _told(kind: str, groups: Mapping[str, Sequence[Spot]], least: int) -> list[Place]:
    told = [
        Place(kind=kind, name=name, cases=len(group), requesters=people(group))
        for name, group in groups.items() if len(group) > 1 and people(group) >= least
    ]  # fmt: skip
    return sorted(told, key=lambda one: (-one.cases, one.name))


def people(spots: Sequence[Spot]) -> int:
    """How many requesters; all the nameless count as one."""
    return len({one.who for one in spots})


def _points(spots: Sequence[Spot], metres: float, least: int) -> list[Place]:
    left = [one for one in spots if one.point is not None]
    found: list[Place] = []
    while len(left) >= least and len(found) < 3:
        around = [[other for other in left if _near(one, other, metres)] for one in left]
        best = max(around, key=len)
        if people(best) < least:
            break
        lat = sum(one.point[0] for one in best if one.point) / len(best)
        lon = sum(one.point[1] for one in best if one.point) / len(best)
        found.append(Place(kind="point", name="", cases=len(best), requesters=people(best),
                           point=(round(lat, 3), round(lon, 3))))  # fmt: skip
        left = [one for one in left if one not in best]
    return found


def _near(one: Spot, other: Spot, metres: float) -> bool:
    assert one.point is not None  # noqa: S101 - only those with a point are compared
    assert other.point is not None  # noqa: S101
    north = (one.point[0] - other.point[0]) * _DEGREE
    east = (one.point[1] - other.point[1]) * _DEGREE * math.cos(math.radians(one.point[0]))
    return math.hypot(north, east) <= metres
