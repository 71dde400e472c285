"""The places of a notice as lines that people write: a line is read into codes and words, and written again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cases.outage_rows import Area
from hotline import city
from hotline.city import City
from hotline.errors import Say
from hotline.places import Place, village_names, villages_in

_APART = re.compile(r"[\s,，、;；/|（）()：:]+")
_FILLERS = re.compile(
    r"^(?:以[东西南北]|沿线|附近|一带|全部|全[区县市镇乡村境]|辖区|等|及|和)$|(?:沿线|附近|一带|部分用户|等地|等)$"
)
_COMMON = re.compile(
    r"^(?:部分|个别|少数|附近|周边|各|多个|一些|几个|老旧)?"
    r"(?:小区|社区|家属院|大街|街道|道路|路段|村庄|居民|居民楼|用户|住户|片区|楼栋|高层|低层)$"
)
"""What is no name: every caller says 小区."""
_VAGUE = re.compile(r"部分|个别|少数|附近|周边|一带|沿线|零星|小区|家属院|路段|居民|用户|住户|片区|楼栋|高层|低层")
LEAST, MOST, LONGEST = 2, 40, 30


def read(text: str) -> tuple[list[Area], Say | None]:
    """The areas that the lines of ``text`` name; else none, and which line says nothing that a call could match."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        return [], Say(f"一次最多写 {MOST} 行，请分成几条。", f"At most {MOST} lines; enter several notices.")
    found: list[Area] = []
    for n, line in enumerate(lines, 1):
        area = read_line(line)
        if area is None:
            return [], Say(
                f"第 {n} 行没认出在哪个区县：先写区县或乡镇街道，再写路名、小区名。",
                f"Line {n} names no district: begin with a district or subdistrict, then roads and estates.",
            )
        if not area.words and not area.village and _VAGUE.search(line):
            return [], Say(
                f"第 {n} 行没写是哪些路、哪些小区：这样全区县的来电都会对上。真是全区县，就只写区县名。",
                f"Line {n} names no road or estate: all calls of the district would match. Is it all of it, "
                "write the district alone.",
            )
        found.append(area)
    return found, None


def read_line(line: str) -> Area | None:
    """One line, "丛台区 人民路街道 和平路、和平小区"; None when nobody knows where that is."""
    snapshot = city.current()
    place = place_of(snapshot, line)
    county = place.county if place and not place.candidates else ""
    names = _names(snapshot, line, place)
    words = tuple(dict.fromkeys(word for token in _APART.split(line) if (word := _rest(token, names))))
    area = Area(
        county=county, township=(place.township if place else None) or "",
        village=(place.village if place else None) or "", words=words,
    )  # fmt: skip
    return area if area.county else None


def place_of(snapshot: City, text: str) -> Place | None:
    """The place that a text names; a road that a subdistrict is called after (渚河路) names no subdistrict."""
    place = snapshot.find_place(text, villages=True)
    town = snapshot.township(place.township) if place is not None and place.township else None
    if place is None or town is None or town.name_zh in text or place.village:
        return place
    short = town.name_zh.removesuffix("街道办事处").removesuffix("街道")
    return Place(county=place.county) if short.endswith(("路", "街", "道", "桥")) else place


def _names(snapshot: City, line: str, place: Place | None) -> Sequence[str]:
    """What the line says of county, township and village; the longest first."""
    if place is None:
        return ()
    own = [name.text for _, name in snapshot.places.hits(line) if not (name.bare and name.weak)]
    if place.village:
        within = (place.township or place.county,)
        own += villages_in(line, within, snapshot.county_of).values()
    return sorted({"邯郸市", *own}, key=len, reverse=True)


def _rest(token: str, names: Sequence[str]) -> str:
    """What a token says beside the place's own names: a road, an estate; "" when that is all it says."""
    shorter = True
    while shorter:
        shorter = False
        for name in names:
            if token.startswith(name):
                token, shorter = token[len(name) :], True
    token = _FILLERS.sub("", token)
    return token[:LONGEST] if len(token) >= LEAST and not _COMMON.match(token) else ""


def line(area: Area) -> str:
    """The area as a line that ``read_line`` reads into the same."""
    return " ".join(filter(None, (_codes(area).zh, "、".join(area.words))))


def say(area: Area) -> Say:
    """The area for people: its names, then its roads and estates."""
    codes, words = _codes(area), area.words
    return Say(
        codes.zh.replace(" ", "") + "、".join(words),
        ", ".join(filter(None, (", ".join(words), codes.en))),
    )


def say_all(areas: Sequence[Area]) -> Say:
    """All of them in one sentence."""
    said = [say(one) for one in areas]
    return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def _codes(area: Area) -> Say:
    snapshot = city.current()
    county = snapshot.jurisdiction(area.county) if area.county else None
    town = snapshot.township(area.township) if area.township else None
    zh = [county.name_zh if county else "", town.name_zh if town else "", village_name(area.village)]
    en = [village_name(area.village), town.name_en if town else "", county.name_en if county else ""]
    return Say(" ".join(filter(None, zh)), ", ".join(filter(None, en)))


def village_name(code: str) -> str:
    """The village's or community's name by its code, "" for none."""
    return village_names().get(code, "") if code else ""
