"""The nouns of the detector: the past as cells, what passes, a hit with its picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

LEAF, GROUP = 6, 4
"""Digits of a code: a leaf of the catalogue and the group above it."""
TOWNSHIP, COUNTY, CITY = "township", "county", "city"
WINDOWS = (3, 24, 168)
"""Hours that are looked at: the last three, the last day, the last week."""
PICTURE = {3: 14, 24: 14, 168: 7}
"""How many windows of the past a picture shows."""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """The past cases of one leaf in one township ("" where unknown): hours before now, 0 for the last one."""

    matter: str
    county: str
    township: str
    hours: Sequence[int]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What passes: at least so many cases, so many times the usual, so small a chance, so few false alarms.

    ``days``: how many days must be known before a window, or nothing can be called unusual.
    """

    least: int = 5
    ratio: float = 1.6
    chance: float = 1e-5
    share: float = 0.01
    days: int = 14


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
