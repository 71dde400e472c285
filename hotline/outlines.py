"""The outlines of the counties: which one a point lies in, and all of them as one drawing. No tiles.

The two zones have no outline of their own: they are squares beside, and a point in them counts to the county around.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from hotline.places import OUTLINES

Ring = tuple[tuple[float, float], ...]
"""Longitude and latitude of each corner, in degrees of WGS 84."""

ZONES: dict[str, tuple[float, float]] = {"130471": (114.63, 36.60), "130473": (114.44, 36.44)}
"""Roughly where the zones lie (longitude, latitude): the middle of their squares."""
NAMED_AT: dict[str, tuple[float, float]] = {"130427": (114.36, 36.31), "130403": (114.47, 36.67)}
"""Where a name stands that its middle would not suit: one county bends around another."""
SIDE = 14


class Shape(msgspec.Struct, frozen=True):
    """One county: its rings as drawn (x, y in pixels) and where its name stands."""

    code: str
    path: str
    middle: tuple[int, int]


class _Feature(msgspec.Struct):
    properties: dict[str, str | list[float]]
    geometry: dict[str, str | list[list[list[float]]]]


class _Collection(msgspec.Struct):
    features: list[_Feature]


@lru_cache(maxsize=1)
def rings() -> dict[str, tuple[Ring, ...]]:
    """The rings of each county that has an outline, by its code; read once."""
    found = msgspec.json.decode(OUTLINES.read_bytes(), type=_Collection)
    return {
        str(one.properties["code"]): tuple(
            tuple((point[0], point[1]) for point in ring) for ring in one.geometry["coordinates"]  # type: ignore[misc]
        )
        for one in found.features
    }  # fmt: skip


def county_at(lat: float, lon: float) -> str | None:
    """The code of the county whose outline holds the point; None outside the city."""
    for code, parts in rings().items():
        if sum(_holds(ring, lon, lat) for ring in parts) % 2:
            return code
    return None


def _holds(ring: Ring, x: float, y: float) -> bool:
    """Whether a ray from the point to the east crosses the ring an odd number of times."""
    is_in = False
    for (x1, y1), (x2, y2) in _edges(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            is_in = not is_in
    return is_in


def _edges(ring: Ring) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)


class Frame(msgspec.Struct, frozen=True):
    """How degrees become pixels of a drawing: equirectangular, true to shape at the city's latitude."""

    west: float
    north: float
    scale: float
    width: int
    height: int

    def pixel(self, lon: float, lat: float) -> tuple[int, int]:
        """The pixel of a point."""
        return round((lon - self.west) * self.scale * _narrow()), round((self.north - lat) * self.scale)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a pixel."""
        return self.north - y / self.scale, self.west + x / self.scale / _narrow()


RADIUS = 6_371_000.0
"""Of the Earth, in metres."""


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points (latitude, longitude in degrees), right to a metre within a city."""
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * math.cos(math.radians((one[0] + other[0]) / 2))
    return RADIUS * math.hypot(north, east)


def _narrow() -> float:
    """By how much a degree of longitude is shorter than one of latitude here."""
    return math.cos(math.radians(36.55))


@lru_cache(maxsize=8)
def frame(width: int, margin: int = 4) -> Frame:
    """The frame of the whole city in a drawing so many pixels wide."""
    points = [point for parts in rings().values() for ring in parts for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = (width - 2 * margin) / ((east - west) * _narrow())
    return Frame(
        west=west - margin / scale / _narrow(), north=north + margin / scale, scale=scale, width=width,
        height=round((north - south) * scale) + 2 * margin,
    )  # fmt: skip


@lru_cache(maxsize=8)
def shapes(width: int) -> tuple[Shape, ...]:
    """Every county as a path of whole pixels, the zones last, so that they lie on top."""
    one = frame(width)
    drawn = [
        Shape(
            code,
            " ".join(_path(one, ring) for ring in parts),
            one.pixel(*NAMED_AT[code]) if code in NAMED_AT else _middle(one, parts),
        )
        for code, parts in rings().items()
    ]
    return (*drawn, *_zones(one))


def _path(one: Frame, ring: Ring) -> str:
    points = list(_thinned([one.pixel(x, y) for x, y in ring]))
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"


def _thinned(points: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without corners nearer than two pixels to the one before: nobody sees them."""
    last = (-9, -9)
    for x, y in points:
        if abs(x - last[0]) + abs(y - last[1]) > 1:
            last = (x, y)
            yield last


def _middle(one: Frame, parts: Sequence[Ring]) -> tuple[int, int]:
    """The middle of the largest ring by area."""
    ring = max(parts, key=lambda r: abs(_area(r)))
    area = _area(ring)
    x = sum((x1 + x2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in _edges(ring)) / (6 * area)
    y = sum((y1 + y2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in _edges(ring)) / (6 * area)
    return one.pixel(x, y)


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(ring)) / 2


def _zones(one: Frame) -> Iterator[Shape]:
    half = SIDE // 2
    for code, (lon, lat) in ZONES.items():
        x, y = one.pixel(lon, lat)
        yield Shape(code, f"M{x - half} {y - half}h{SIDE}v{SIDE}h-{SIDE}Z", (x, y))


def zone_at(x: float, y: float, width: int) -> str | None:
    """The zone whose square holds the pixel; None beside both."""
    one, half = frame(width), SIDE / 2
    for code, (lon, lat) in ZONES.items():
        at_x, at_y = one.pixel(lon, lat)
        if abs(x - at_x) <= half and abs(y - at_y) <= half:
            return code
    return None
