"""Whether every matter in every place has exactly one unit to lead it on a day. Pure over two snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from hotline.city import City
from routing import book, catalogue
from routing.book import Book

MOST = 200
"""Gaps that are told; more of them have one cause."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A matter at a place that nobody leads, or only the fallback does (``unit`` is set then)."""

    matter: str
    place: str
    requester: str
    day: date
    reason: str
    unit: str | None = None
    line: int | None = None


class Found(msgspec.Struct, frozen=True):
    """What a check found: gaps (nobody leads), fallbacks (the place's government stands in), and how much was asked."""

    gaps: tuple[Gap, ...]
    fallbacks: tuple[Gap, ...]
    asked: int


def check(day: date, city: City, lines: Book) -> Found:
    """Ask the catalogue for every matter, county, township and kind of requester on a day. About 0.1 s.

    A township that no line names, and that no line gives its own government, is answered as its county is.
    """
    gaps: list[Gap] = []
    fallbacks: list[Gap] = []
    asked = 0
    kinds = book.REQUESTERS if any(one.requester for one in lines.on(day)) else book.REQUESTERS[:1]
    for place, county, township in places(day, city, lines):
        for matter in city.matters:
            if city.matter(matter, day) is None:
                continue
            for kind in kinds:
                asked += 1
                choice = catalogue.of(matter, county, township, day, city, requester_kind=kind, lines=lines)
                if choice.unit is None or choice.reason == "fallback":
                    gap = Gap(
                        matter=matter, place=place, requester=kind if len(kinds) > 1 else "", day=day,
                        reason=choice.reason, unit=choice.unit, line=choice.line,
                    )  # fmt: skip
                    (gaps if choice.unit is None else fallbacks).append(gap)
    return Found(tuple(gaps[:MOST]), tuple(fallbacks[:MOST]), asked)


def places(day: date, city: City, lines: Book) -> Iterator[tuple[str, str, str | None]]:
    """Every place whose answer may differ on a day: its code, its county and its township."""
    for county in city.every_jurisdiction():
        if city.jurisdiction(county.code, day) is not None:
            yield county.code, county.code, None
    named = {one.place for one in lines.on(day)}
    is_own = any(one.lead == book.PLACE and one.tier == catalogue.TOWNSHIP for one in lines.on(day))
    for code in city.townships:
        township = city.township(code, day)
        if township is None:
            continue
        own = city.unit(code, day) if is_own else None
        if (own is not None and own.is_on) or code in named or city.jurisdiction(township.county, day) is None:
            yield code, township.county, code


def days(from_day: date, lines: Book, most: int = 24) -> list[date]:
    """The first ``most`` days from one on, on which the catalogue may answer otherwise than the day before."""
    turns = {one.valid_from for one in lines.lines} | {
        one.valid_to + timedelta(days=1) for one in lines.lines if one.valid_to
    }
    return sorted({from_day, *(day for day in turns if day > from_day)})[:most]
