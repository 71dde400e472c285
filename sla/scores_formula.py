"""A scoring formula as data: groups of units, items, tiers; and the figures that it is applied to. Pure.

Amounts are decimals as they are printed, never binary fractions; JSON writes them as strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import msgspec

from hotline.errors import Say

HUNDRED = Decimal(100)
ZERO = Decimal(0)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Units that are compared with each other. ``full`` is their maximum; ``kinds`` which units of the city these are.

    A kind is a jurisdiction's (county, district, zone, county_city) or, for what is no territory, the unit's own.
    """

    code: str
    name_zh: str
    name_en: str
    full: Decimal = HUNDRED
    kinds: tuple[str, ...] = ()

    @property
    def name(self) -> Say:
        """Its name."""
        return Say(self.name_zh, self.name_en)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a formula.

    ``share``: weight × figure ÷ full. ``slope``: weight less ``slope`` for each whole point short of ``target``.
    ``off``: ``slope`` off for each one. ``bonus``: ``slope`` more for each one. Then not under ``floor``, not over
    ``cap``. ``better`` "low": the less the better. ``missing`` says what a unit without the figure gets: the item is
    left out and the rest scaled up (reweigh), all (full), nothing (zero), or the unit is listed apart.
    """

    code: str
    name_zh: str
    name_en: str
    way: Literal["share", "slope", "off", "bonus"]
    measure: str = ""
    figure: Literal["percent", "count"] = "percent"
    better: Literal["high", "low"] = "high"
    weight: Decimal = ZERO
    target: Decimal = HUNDRED
    slope: Decimal = ZERO
    full: Decimal = HUNDRED
    floor: Decimal | None = None
    cap: Decimal | None = None
    groups: tuple[str, ...] = ()
    missing: Literal["apart", "reweigh", "full", "zero"] = "reweigh"
    note_zh: str = ""
    note_en: str = ""

    @property
    def name(self) -> Say:
        """Its name."""
        return Say(self.name_zh, self.name_en)

    @property
    def note(self) -> Say:
        """Where it comes from, or what was assumed."""
        return Say(self.note_zh, self.note_en)

    @property
    def is_weighed(self) -> bool:
        """Counts towards the maximum."""
        return self.way in ("share", "slope")

    @property
    def least(self) -> Fraction | None:
        """The fewest points it can come to."""
        if self.floor is not None:
            return Fraction(self.floor)
        return None if self.way == "off" else Fraction(0)

    @property
    def most(self) -> Fraction | None:
        """The most points it can come to."""
        if self.cap is not None:
            return Fraction(self.cap)
        return {"off": Fraction(0), "bonus": None}.get(self.way, Fraction(self.weight))


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A class of units: from this score on, and with at least these figures (item → percent)."""

    code: str
    name_zh: str
    name_en: str
    least: Decimal
    needs: dict[str, Decimal] = {}

    @property
    def name(self) -> Say:
        """Its name."""
        return Say(self.name_zh, self.name_en)


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """A whole formula. Tiers stand best first; ``least`` is the sample under which nobody gets a rank or a tier."""

    preset: str
    name_zh: str
    name_en: str
    source_zh: str
    source_en: str
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    tiers: tuple[Tier, ...] = ()
    sample: str = "dispatched"
    least: int = 0
    decimals: int = 1
    cycle: Literal["month", "quarter"] = "month"
    year: Literal["mean", "sum"] = "mean"
    red: int = 5
    black: int = 5
    is_red_by_group: bool = True

    @property
    def name(self) -> Say:
        """Its name."""
        return Say(self.name_zh, self.name_en)

    @property
    def source(self) -> Say:
        """Where it comes from, and what of it is assumed."""
        return Say(self.source_zh, self.source_en)

    def group(self, code: str) -> Group:
        """One of its groups. KeyError for another."""
        return next((one for one in self.groups if one.code == code), None) or _none(code)

    def item(self, code: str) -> Item | None:
        """One of its items."""
        return next((one for one in self.items if one.code == code), None)

    def items_of(self, group: str) -> tuple[Item, ...]:
        """The items by which a group is judged."""
        return tuple(one for one in self.items if not one.groups or group in one.groups)


def _none(code: str) -> Group:
    raise KeyError(code)


class Given(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A figure: ``hits`` of ``n`` or a ``value``; neither: there is none. ``aside`` were put aside, by reason.

    ``digest`` is SHA-256 over the ids of what was counted, so that a frozen figure can be held against its cases.
    """

    value: Decimal | None = None
    hits: int | None = None
    n: int | None = None
    aside: dict[str, int] = {}
    digest: str = ""

    @property
    def exact(self) -> Fraction | None:
        """The figure itself: a rate in percent, or a count."""
        if self.hits is not None and self.n:
            return Fraction(100 * self.hits, self.n)
        return None if self.value is None else Fraction(self.value)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as it comes to be scored. ``sample`` is how many cases it had (None: not known, so not judged)."""

    unit: str
    name_zh: str
    name_en: str
    group: str
    given: Mapping[str, Given]
    sample: int | None = None


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Points given back to a unit on one item after an appeal that was upheld."""

    unit: str
    item: str
    points: Decimal
    reason: str
    appeal: str
