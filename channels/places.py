"""Where somebody's message is about: the place that its words name, or the point that their device sent.

A position of WeChat is in degrees of GCJ-02, some hundred metres beside the earth's own; it is brought back before it
is kept or looked up.
"""

from __future__ import annotations

import math

import msgspec

from channels.heard import Position
from hotline import city, outlines
from hotline.places import Place

LONGEST = 60
"""Characters of a place that is cut out of somebody's words."""
_MOST = 10_000
_AXIS, _FLATNESS = 6_378_245.0, 0.00669342162296594323
"""The ellipsoid of Krasovsky, on which GCJ-02 is reckoned."""
_MARKS = str.maketrans(",.。;；!！?？、\n", "，" * 11)


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """County, township (codes, "" where unknown), the place as it was named, and the point as ``Inbound`` has it."""

    county: str = ""
    township: str = ""
    place: str = ""
    point: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything to go to."""
        return bool(self.county or self.point or self.place)


def named(words: str) -> Place | None:
    """The place that words name."""
    return city.current().find_place(words[:_MOST]) if words.strip() else None


def where(words: str, position: Position | None, channel: str) -> Where:
    """Everything that a message tells of its place. A divided county that is named without a township is no county."""
    found = (named(position.label) if position is not None else None) or named(words)
    county = found.county if found is not None and not found.candidates else ""
    township = (found.township or "") if found is not None else ""
    if position is None:
        return Where(county=county, township=township, place=_fragment(words) if found is not None else "")
    lat, lon = on_earth(position, channel)
    return Where(
        county=county or outlines.county_at(lat, lon) or "", township=township, point=f"{lat:.6f},{lon:.6f}",
        place=(position.label or _fragment(words) or shown(position, channel))[:200],
    )  # fmt: skip


def shown(position: Position, channel: str) -> str:
    """A position as it stands among words."""
    lat, lon = on_earth(position, channel)
    point = f"{lat:.6f}, {lon:.6f}"
    return f"{position.label}（{point}）" if position.label else point


def on_earth(position: Position, channel: str) -> tuple[float, float]:
    """Latitude and longitude in degrees of WGS 84; right to a few metres."""
    lat, lon = position.lat, position.lon
    if channel != "wechat":
        return lat, lon
    for _ in range(2):
        north, east = _shift(lat, lon)
        lat, lon = position.lat - north, position.lon - east
    return lat, lon


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """How far GCJ-02 moves a point, in degrees to the north and to the east: its published polynomial."""
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    waves = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    sine = math.sin(math.radians(lat))
    bent = 1.0 - _FLATNESS * sine * sine
    meridian = _AXIS * (1.0 - _FLATNESS) / (bent * math.sqrt(bent))
    parallel = _AXIS / math.sqrt(bent) * math.cos(math.radians(lat))
    return math.degrees(north / meridian), math.degrees(east / parallel)


def _fragment(words: str) -> str:
    """The part of a sentence that names the place."""
    return next((part.strip()[:LONGEST] for part in words.translate(_MARKS).split("，") if named(part)), "")
