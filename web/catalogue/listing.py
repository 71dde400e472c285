"""The list of the catalogue's lines on a day, and the check that nobody is without a unit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar import Request, Response, get

from hotline import city, clock
from hotline.errors import Say
from routing import book, gaps
from routing.book import Book, Line
from web import filters
from web.access import Who
from web.admin import words
from web.catalogue import names
from web.render import render

HERE = "/admin/catalogue"
PAGE = 100
NEEDS = {"needs": "routing.edit"}


@get(HERE, opt=NEEDS)
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The lines in force on a day and those planned after it, by filter."""
    snapshot, lines = city.current(), book.current()
    asked = filters.parse(HERE, request.query_params, (
        filters.Choice(key="q", say=Say("事项", "Matter")),
        filters.Choice(key="place", say=Say("县区", "County"), options=words.county_choices()),
        filters.Choice(key="unit", say=Say("单位", "Unit"), options=names.leads(snapshot)),
        filters.Choice(key="source", say=Say("来源", "Source"), options=names.SOURCES),
        filters.Choice(key="day", say=Say("日期", "Day")),
    ))  # fmt: skip
    day, is_wrong = day_asked(asked.get("day"))
    found = list(_found(lines, asked, day))
    start = int(asked.after) if asked.after.isascii() and asked.after.isdigit() and len(asked.after) < 7 else 0
    return render(
        request, "catalogue/index.html", region="#r-list", filters=asked, day=day, is_wrong_day=is_wrong,
        today=clock.today(), found=found[start:start + PAGE], total=len(found), n=sum(1 for _ in lines.on(day)),
        more=asked.url(after=str(start + PAGE)) if len(found) > start + PAGE else "", names=names,
        counties=words.county_choices(), leads=names.leads(snapshot), routes=words.ROUTES_SHORT,
        tabs=words.tabs(actor, HERE),
    )  # fmt: skip


def day_asked(text: str) -> tuple[date, bool]:
    """The day in an address, and whether it is none (today stands in)."""
    if not text:
        return clock.today(), False
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return clock.today(), True
    return (day, False) if 1949 <= day.year <= 2199 else (clock.today(), True)


def _found(lines: Book, asked: filters.Filters, day: date) -> Iterable[Line]:
    text, place, unit = asked.get("q").lower(), asked.get("place"), asked.get("unit")
    snapshot = city.current()
    is_planned_shown = day >= clock.today()
    for one in lines.lines:
        if not one.is_on(day) and not (is_planned_shown and one.valid_from > day):
            continue
        county = snapshot.county_of(one.place, day) if one.place else ""
        if place and county != place:
            continue
        if unit and unit != one.lead and unit not in one.co_handlers:
            continue
        if asked.get("source") and one.source != asked.get("source"):
            continue
        said = names.title(one.key, day)
        if text and text not in f"{one.matter} {said.zh} {said.en}".lower():
            continue
        yield one


@get("/admin/catalogue/gaps", opt=NEEDS)
async def missing(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Every matter in every place on a day: who has no unit, and where only the fallback answers."""
    day, is_wrong = day_asked(str(request.query_params.get("day", "")))
    found = await asyncio.to_thread(gaps.check, day, city.current(), book.current())
    return render(
        request, "catalogue/gaps.html", day=day, is_wrong_day=is_wrong, found=found, names=names, most=gaps.MOST,
        line_of=book.current().by_id, tabs=words.tabs(actor, HERE),
    )  # fmt: skip


ROUTES = [index, missing]
