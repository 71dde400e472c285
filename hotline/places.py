"""Finding the place that a text names: county, township and, on demand, village. Pure, but for the villages' file."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import msgspec

from hotline.city_nouns import Jurisdiction, Township

DATA = Path(__file__).parent / "data"
OUTLINES = DATA / "outlines.geojson"
"""Outlines of the 18 counties and districts; the two zones have none."""

_COUNTY_ENDINGS = ("矿区", "县", "区", "市")
_TOWNSHIP_ENDINGS = ("回族乡", "街道办事处", "街道", "镇", "乡")
_ROADS = frozenset("路街巷道桥里")
_WAYS = frozenset(("大街", "大道", "东路", "西路", "南路", "北路", "中路", "东街", "西街", "南街", "北街",
                   "胡同", "小区"))
ORDINARY = frozenset((
    "中华", "人民路", "光明路", "光明桥", "农林路", "化林路", "盛和路", "渚河路", "陵园路", "滏阳东路", "平安", "石化",
    "铁路大院", "开发区", "城南", "南城", "大街", "大同", "矿山", "黄沙", "白土", "活水", "徘徊", "正西", "路桥",
    "龙虎", "德政", "王村", "和村", "小寨", "曹庄", "双塔", "双井", "康庄", "红庙", "十里铺", "关防", "商城", "胜利桥",
))
"""Township names that without their ending say something else too: they count only beside their county."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place as of a day. ``candidates``: the counties it may be, when a divided county was named and no township."""

    county: str
    township: str | None = None
    village: str | None = None
    candidates: tuple[str, ...] = ()


class _Map(Protocol):
    def county_of(self, code: str, on: date | None = None) -> str | None: ...
    def counties_after(self, code: str, on: date | None = None) -> tuple[str, ...]: ...


class Name(msgspec.Struct, frozen=True):
    """One name and the codes it may mean. ``bare`` is without its ending, ``weak`` needs its county beside it."""

    text: str
    codes: tuple[str, ...]
    is_county: bool
    bare: bool = False
    weak: bool = False


class Index:
    """Every name of every version of every place, ready for a scan of a text; built once a snapshot."""

    def __init__(self, counties: Iterable[Jurisdiction], townships: Iterable[Township]) -> None:
        self._homes: dict[str, set[str]] = {}
        """Every county code that a township ever belonged to, in government or in the statistics."""
        names: dict[tuple[str, bool, bool, bool], set[str]] = {}
        short: set[str] = set()
        for county in counties:
            for text, bare in _county_names(county):
                names.setdefault((text, True, bare, False), set()).add(county.code)
                short.add(text)
        for township in townships:
            self._homes.setdefault(township.code, set()).update((township.county, township.stat_county))
            for text, bare in _township_names(township):
                if not (bare and text in short):
                    names.setdefault((text, False, bare, bare and text in ORDINARY), set()).add(township.code)
        self._starts: dict[str, tuple[Name, ...]] = {}
        for (text, is_county, bare, weak), codes in sorted(names.items(), key=lambda item: -len(item[0][0])):
            one = Name(text, tuple(sorted(codes)), is_county, bare, weak)
            self._starts[text[:2]] = (*self._starts.get(text[:2], ()), one)

    def find(self, text: str, city: _Map, on: date, *, villages: bool = False) -> Place | None:
        """The place the text names, as of ``on``: the township that fits a named county, else the first county."""
        counties: list[Name] = []
        townships: list[Name] = []
        for _, name in self.hits(text):
            (counties if name.is_county else townships).append(name)
        if not counties and not townships:
            return _village(text, (), city, on) if villages else None
        named = {code for name in counties for code in name.codes}
        named |= {heir for code in named if (heir := city.county_of(code, on))}
        township = self._township(townships, named, city, on)
        found = self._place(counties, township, city, on)
        if villages and found is not None and found.village is None:
            return _village(text, (township or found.county,), city, on) or found
        return found

    @property
    def names(self) -> Iterator[Name]:
        """Every name of every place."""
        return (name for names in self._starts.values() for name in names)

    def homes(self, code: str) -> frozenset[str]:
        """Every county that the township ever belonged to, in government or in the statistics."""
        return frozenset(self._homes.get(code, ()))

    def hits(self, text: str) -> Iterator[tuple[int, Name]]:
        """The names that stand in a text, each with where it begins; the longest at each place."""
        starts = self._starts
        i, end = 0, len(text) - 1
        while i < end:
            names = starts.get(text[i : i + 2])
            if names is not None:
                for name in names:
                    if text.startswith(name.text, i) and not (name.bare and _is_road(text, i + len(name.text))):
                        yield i, name
                        i += len(name.text) - 1
                        break
            i += 1

    def _township(self, hits: list[Name], named: set[str], city: _Map, on: date) -> str | None:
        """The first township that lies in a named county; without one, the first whose name is plain enough."""
        for name in hits:
            for code in name.codes:
                if named & {*self._homes[code], city.county_of(code, on)}:
                    return code
        for name in hits:
            if not name.weak and len(name.codes) == 1 and not (name.bare and named):
                return name.codes[0]
        return None

    def _place(self, counties: list[Name], township: str | None, city: _Map, on: date) -> Place | None:
        if township is not None:
            county = city.county_of(township, on)
            if county is not None:
                return Place(county=county, township=township)
        for name in counties:
            for code in name.codes:
                county = city.county_of(code, on)
                if county is not None:
                    return Place(county=county)
        if not counties:
            return None
        divided = counties[0].codes[0]
        return Place(county=divided, candidates=city.counties_after(divided, on))


def _county_names(county: Jurisdiction) -> Iterator[tuple[str, bool]]:
    yield county.name_zh, False
    for alias in county.aliases:
        yield alias, True
    for ending in _COUNTY_ENDINGS:
        short = county.name_zh.removesuffix(ending)
        if short != county.name_zh and len(short) > 1 and short != "邯郸":  # the city itself
            yield short, True


def _township_names(township: Township) -> Iterator[tuple[str, bool]]:
    yield township.name_zh, False
    for ending in _TOWNSHIP_ENDINGS:
        short = township.name_zh.removesuffix(ending)
        if short == township.name_zh or len(short) < 2:
            continue
        if ending == "回族乡":
            yield short + "乡", False
        yield short, True
        return


def _is_road(text: str, after: int) -> bool:
    """Whether what follows turns a short name into a road, a bridge or an estate named after it."""
    following = text[after : after + 2]
    return following[:1] in _ROADS or following in _WAYS


class _Village(msgspec.Struct, frozen=True):
    code: str
    name: str


@lru_cache(maxsize=1)
def _villages() -> dict[str, tuple[_Village, ...]]:
    """Village and community names (three characters at least) by their first two characters; read on first use."""
    found: dict[str, list[_Village]] = {}
    with gzip.open(DATA / "villages.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name in _village_names(row["name_zh"]):
                found.setdefault(name[:2], []).append(_Village(row["code"], name))
    return {start: tuple(sorted(names, key=lambda v: -len(v.name))) for start, names in found.items()}


@lru_cache(maxsize=1)
def village_names() -> dict[str, str]:
    """The short name of each village and community by its code; read on first use."""
    return {one.code: one.name for names in _villages().values() for one in reversed(names)}


def _village_names(full: str) -> Iterator[str]:
    short = full.removesuffix("居民委员会").removesuffix("民委员会").removesuffix("居委会")
    if len(short) > 2 and short.endswith(("村", "社区")):
        yield short
        if short.endswith("村村"):
            yield short[:-1]


def villages_in(text: str, within: tuple[str, ...], county_of: Callable[[str], str | None]) -> dict[str, str]:
    """The villages that a text names within townships or counties (anywhere when none): code and name.

    Only the longest names count: 前大磨村 is no 大磨村.
    """
    starts = _villages()
    best: dict[str, str] = {}
    for i in range(len(text) - 2):
        for one in starts.get(text[i : i + 2], ()):
            if text.startswith(one.name, i) and _lies(one.code, within, county_of):
                best[one.code] = one.name
    longest = max(map(len, best.values()), default=0)
    return {code: name for code, name in best.items() if len(name) == longest}


def _village(text: str, within: tuple[str, ...], city: _Map, on: date) -> Place | None:
    """The one village that the text names in the township or county named; None when several would fit."""
    codes = list(villages_in(text, within, lambda code: city.county_of(code, on)))
    county = city.county_of(codes[0], on) if len(codes) == 1 else None
    return Place(county=county, township=codes[0][:9], village=codes[0]) if county else None


def _lies(code: str, within: tuple[str, ...], county_of: Callable[[str], str | None]) -> bool:
    return not within or code.startswith(within) or county_of(code) in within
