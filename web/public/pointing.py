"""The place by pointing: on the map of the counties, which is one picture without tiles, or by the device.

A click on a picture in a form posts the form with the pixel, so pointing needs no script and loses nothing typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import city, outlines
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web.render import environment, preference

SIZES = {"map-s": 288, "map-l": 600}
"""The two pictures: fields of the form, and how many pixels wide each is. The style sheet shows one."""
LABELLED = 34
"""A county narrower than this many pixels on the picture has no room for its name."""
_FIGURE = re.compile(r"-?\d{1,3}(\.\d{1,12})?")
_DAY = {"Cache-Control": "public, max-age=86400"}


class Pointed(msgspec.Struct, frozen=True):
    """What a click or a device said: the county, the point where the device knew it, the sentence about it."""

    county: str
    point: str
    say: Say


def pointed(typed: Mapping[str, Sequence[str]]) -> Pointed | None:
    """What the posted form points at; None when nobody pointed. County "" when that is outside the city."""
    for name, width in SIZES.items():
        x, y = _figure(typed, f"{name}.x"), _figure(typed, f"{name}.y")
        if x is not None and y is not None and (x or y):  # Enter on the picture says 0,0
            lat, lon = outlines.frame(width).point(x, y)
            return _found(outlines.zone_at(x, y, width) or outlines.county_at(lat, lon), "")
    if "locate" in typed:
        here_lat, here_lon = _figure(typed, "lat"), _figure(typed, "lon")
        if here_lat is None or here_lon is None or abs(here_lat) > 90 or abs(here_lon) > 180:
            return Pointed("", "", Say("没有得到位置，请从列表里选区县。", "No position came; choose the district."))
        return _found(outlines.county_at(here_lat, here_lon), f"{here_lat:.5f},{here_lon:.5f}")
    return None


def county_of(point: str) -> str | None:
    """The county in whose outline a point of ``Inbound.point`` lies."""
    lat, _, lon = point.partition(",")
    return outlines.county_at(float(lat), float(lon))


def _figure(typed: Mapping[str, Sequence[str]], name: str) -> float | None:
    text = (typed.get(name) or [""])[0]
    return float(text) if _FIGURE.fullmatch(text) else None


def _found(county: str | None, point: str) -> Pointed:
    place = city.current().jurisdiction(county) if county else None
    if county is None or place is None:
        return Pointed("", "", Say(
            "那里不在邯郸市内，请从列表里选区县。", "That is outside Handan; choose the district from the list."
        ))  # fmt: skip
    if point:
        return Pointed(county, point, Say(f"已定位，在{place.name_zh}。", f"Located, in {place.name_en}."))
    return Pointed(county, "", Say(f"点的是{place.name_zh}。", f"You pointed at {place.name_en}."))


class Drawn(msgspec.Struct, frozen=True):
    """One county of the picture."""

    shape: outlines.Shape
    name: str
    is_on: bool


@get("/places/map.svg", opt={"needs": PUBLIC, "is_quiet": True}, sync_to_thread=False)
def picture(request: Request[Any, Any, Any]) -> Response[str]:
    """The counties as a picture: ``w`` pixels wide (one of SIZES), ``on`` the county that is chosen."""
    asked = request.query_params.get("w", "")
    width = int(asked) if asked in {str(one) for one in SIZES.values()} else SIZES["map-l"]
    lang, on = preference(request, "lang"), request.query_params.get("on", "")
    body = environment().get_template("public/map.svg").render(
        frame=outlines.frame(width), counties=[_drawn(one, width, lang, on) for one in outlines.shapes(width)],
        title={"zh": "邯郸市各县（市、区）", "en": "The districts and counties of Handan"}[lang],
    )  # fmt: skip
    return Response(body, media_type="image/svg+xml", headers={**_DAY, "Vary": "Cookie"})


def _drawn(shape: outlines.Shape, width: int, lang: str, on: str) -> Drawn:
    place = city.current().jurisdiction(shape.code)
    short = _short(place.name, lang) if place is not None and _has_room(shape, width, lang) else ""
    return Drawn(shape, short, shape.code == on)


def _short(name: Say, lang: str) -> str:
    if lang == "en":
        return name.en.split()[0]
    return name.zh.removesuffix("矿区") if name.zh.endswith("矿区") else name.zh[:-1] if len(name.zh) > 2 else name.zh


def _has_room(shape: outlines.Shape, width: int, lang: str) -> bool:
    if shape.code in outlines.ZONES:
        return False
    xs = [int(one) for one in re.findall(r"(\d+) \d+", shape.path)]
    room = LABELLED if lang == "zh" else 2 * LABELLED
    return max(xs) - min(xs) >= room and (width > min(SIZES.values()) or shape.code not in _CROWDED)


_CROWDED = frozenset({"130402", "130403", "130404", "130406"})
"""The city's own districts stand too close for names on the small picture."""
