"""Where is it much? The counties' outlines and the zones' squares in five classes, and the same as a list. No tiles."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hotline import city, outlines
from hotline.errors import Say
from sla.facts import Figure
from sla.measures import MEASURES
from web.figures.fairness import FEW
from web.figures.names import name_of
from web.figures.room import Room, percent

WIDTH = 560
CLASSES = 5
LEAST = 5
"""Of fewer a count says nothing: hatched."""
CHOICES = ("requests", "finished", "resolved", "rated", "breaches")


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """One county as drawn: its path, where its name stands, its class (0 to 4; None is too few), figure and link."""

    code: str
    name: Say
    path: str
    middle: tuple[int, int]
    shade: int | None
    figure: str
    link: str

    @property
    def short(self) -> str:
        """The Chinese name as it fits into its outline; the zones' squares hold none."""
        if self.code in outlines.ZONES:
            return ""
        name = self.name.zh.removesuffix("矿区")
        return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """The drawing and its key: the upper and lower ends of each class that has a county."""

    width: int
    height: int
    areas: list[Area]
    key: list[tuple[int, str]]
    is_empty: bool


def _value(one: Figure | None, measure: str) -> float | None:
    """What a county is coloured by; None of too few."""
    if one is None:
        return None
    if MEASURES[measure].is_rate:
        return one.rate if one.total >= FEW else None
    return float(one.total) if one.total >= LEAST else None


def _edges(values: list[float]) -> list[float]:
    """Lower ends of the classes but the first: as many counties in each, those with the same figure in the same."""
    ordered = sorted(values)
    return sorted({ordered[len(ordered) * n // CLASSES] for n in range(1, CLASSES)} - {ordered[0]}) if ordered else []


def drawn(room: Room, found: Mapping[str, Figure], measure: str) -> Map:
    """The map of one measure."""
    values = {code: _value(found.get(code), measure) for code in city.current().jurisdictions}
    there = [one for one in values.values() if one is not None]
    edges = _edges(there)
    is_rate = MEASURES[measure].is_rate

    def shade(code: str) -> int | None:
        value = values.get(code)
        return None if value is None else sum(value >= edge for edge in edges)

    areas = [
        Area(
            code=shape.code, name=name_of("county", shape.code), path=shape.path, middle=shape.middle,
            shade=shade(shape.code), figure=_shown(found.get(shape.code), measure),
            link=room.at("/figures", county=shape.code),
        )
        for shape in outlines.shapes(WIDTH)
    ]  # fmt: skip
    key = []
    for n in range(len(edges) + 1):
        inside = [one for one in there if sum(one >= edge for edge in edges) == n]
        if inside:
            low, high = min(inside), max(inside)
            text = (f"{low:.1f}–{high:.1f}%" if is_rate else f"{low:,.0f}–{high:,.0f}") if low != high else (
                f"{low:.1f}%" if is_rate else f"{low:,.0f}"
            )  # fmt: skip
            key.append((n, text))
    frame = outlines.frame(WIDTH)
    return Map(width=frame.width, height=frame.height, areas=areas, key=key, is_empty=not found)


def _shown(one: Figure | None, measure: str) -> str:
    if one is None:
        return "0" if not MEASURES[measure].is_rate else "–"
    return percent(one.rate) if MEASURES[measure].is_rate else f"{one.total:,}"
