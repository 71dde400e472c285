"""The figures of return visits over a period: reach, satisfaction, when people pick up, by caller."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get

from cases import visit_figures
from cases.visit_hours import part_of_day
from hotline import clock, db, people
from hotline.errors import Refusal, Say
from web import line_figures
from web.access import Who
from web.render import render
from web.visits import tabs

DAYS = 30


def _period(request: Request[Any, Any, Any]) -> tuple[date, date, Say | None]:
    """The days in the address, and what is wrong with them (then: the last thirty days)."""
    try:
        asked = line_figures.asked(request.query_params, "")
    except Refusal as refusal:
        return clock.today() - timedelta(days=DAYS - 1), clock.today(), refusal.say
    return asked.since, asked.until, None


@get("/visits/figures", opt={"needs": "visit.read"})
async def figures(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The figures."""
    since, until, wrong = _period(request)
    async with db.reading() as connection:
        found = await visit_figures.counted(connection, actor, clock.on(since), clock.on(until + timedelta(days=1)))
        above = await tabs.shown(connection, actor, "figures")
    names = await people.names({one.key for one in found.callers})
    hours = [(one, part_of_day(clock.on(since, one.key))) for one in found.hours]
    return render(
        request, "visits/figures.html", status=422 if wrong else 200, wrong=wrong, since=since, until=until,
        whole=found.whole, hours=hours, callers=visit_figures.named(found.callers, names), few=visit_figures.FEW,
        **above,
    )  # fmt: skip


ROUTES = [figures]
