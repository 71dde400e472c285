"""The tables of first-time-right, and the cases behind each figure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from routing import accuracy
from routing.accuracy import Figure
from web import line_figures, units
from web.access import Who
from web.accuracy import names
from web.accuracy.tile import DAYS
from web.render import render
from web.supervisor.lists import FEW

HERE = "/board/accuracy"
TOO_LONG = Say("最长一年，请把日期靠近一些。", "A year at most: bring the days closer together.")
SHOWN = 40
"""Rows of one table; the rest says how many there are."""


def period(request: Request[Any, Any, Any]) -> tuple[date, date, Say | None]:
    """The days in the address, and what is wrong with them (then: the last thirty days)."""
    try:
        asked = line_figures.asked(request.query_params, "")
    except Refusal as refusal:
        return clock.today() - timedelta(days=DAYS - 1), clock.today(), refusal.say
    if (asked.until - asked.since).days >= accuracy.MOST_DAYS:
        return asked.until - timedelta(days=DAYS - 1), asked.until, TOO_LONG
    return asked.since, asked.until, None


def dimensions(actor: Actor) -> dict[str, Say]:
    """The tables that this viewer gets: dispatchers by name only for the city's own people."""
    return {name: say for name, say in names.TITLES.items() if name != "decider" or accuracy.sees_people(actor)}


def ranked(rows: list[Figure]) -> list[Figure]:
    """The lowest rate first; rows with few cases stand below, by number, unranked."""
    return sorted(rows, key=lambda one: (*_place(one), one.key))


def _place(one: Figure) -> tuple[bool, float]:
    if one.decided < FEW:
        return True, -one.decided
    return False, one.rate or 0.0


@get(HERE, opt={"needs": "board.read"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """First-time-right and time-to-right-unit over a period."""
    since, until, wrong = period(request)
    async with db.reading() as connection:
        found = await accuracy.figures(connection, actor, since, until)
    known = await names.of_people(one.key for one in (*found["decider"], *found["source"]))
    tables = [(name, say, ranked(found[name])) for name, say in dimensions(actor).items()]
    whole = found["whole"][0] if found["whole"] else Figure(dimension="whole", key="", right=0, wrong=0, undecided=0)

    def link(one: Figure, verdict: str) -> str:
        given = {"by": one.dimension, "key": one.key, "verdict": verdict, "since": since, "until": until}
        return f"{HERE}/cases?{urlencode(given)}"

    return render(
        request, "accuracy/index.html", status=422 if wrong else 200, wrong=wrong, since=since, until=until,
        tables=tables, whole=whole, known=known, names=names, few=FEW, shown=SHOWN, link=link,
    )  # fmt: skip


@get("/board/accuracy/cases", opt={"needs": "board.read"})
async def behind(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The cases behind one figure."""
    query = request.query_params
    since, until, wrong = period(request)
    by = str(query.get("by", "whole"))
    by = by if by in dimensions(actor) else "whole"
    key = str(query.get("key", "")).replace("\x00", "")[:100] if by != "whole" else ""
    verdict = str(query.get("verdict", ""))
    verdict = verdict if verdict in names.VERDICTS else ""
    async with db.reading() as connection:
        rows = await accuracy.cases(connection, actor, since, until, dimension=by, key=key, verdict=verdict)
    known = await names.of_people([key, *(one.decider for one in rows)])
    return render(
        request, "accuracy/cases.html", status=422 if wrong else 200, wrong=wrong, since=since, until=until, rows=rows,
        by=by, key=key, verdict=verdict, names=names, known=known, most=accuracy.MOST, units=units,
        sees_people=accuracy.sees_people(actor), back=f"{HERE}?{urlencode({'since': since, 'until': until})}",
    )  # fmt: skip


ROUTES = [index, behind]
