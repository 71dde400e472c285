"""The lists that the board's figures lead to: running promises, supervision orders, the month's records per unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from cases import body_ratings, queries
from cases.states import GRADES
from hotline import city, clock, db
from hotline.errors import Say, not_found
from sla import board, ladder_lists, ladder_rules
from sla import records as records_of
from web import worklists as split
from web.access import Who
from web.ladder.orders import GROUNDS
from web.render import render

ORDER_STATES = {
    "open": Say("没回复", "Not answered"),
    "late": Say("回复逾期", "Answer overdue"),
    "answered": Say("待审核", "To review"),
    "ended": Say("已办结", "Ended"),
    "all": Say("全部", "All"),
}
MONTHS = 13
FEW = 30
"""Under so many grades a rate says nothing about a unit (ux.md 6)."""


def _after(text: str) -> tuple[datetime, UUID] | None:
    return queries.read_cursor(text) if text else None


@get("/board/orders", opt={"needs": "board.read"})
async def orders(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Supervision orders by ``state`` (open, late, answered and to be reviewed, ended, all) and ``unit``."""
    state = request.query_params.get("state", "open")
    state = state if state in ORDER_STATES else "open"
    unit = request.query_params.get("unit", "")[:20]
    now = clock.now()
    async with db.reading() as connection:
        rows = await ladder_lists.orders(
            connection, actor, now, state="" if state == "all" else state, unit=unit
        )
    return render(
        request,
        "supervisor/orders.html",
        region="#r-list",
        rows=rows,
        state=state,
        unit=unit,
        states=ORDER_STATES,
        unit_name=split.unit_name,
        title_of=split.title_of,
        rules=GROUNDS,
        now_at=now,
    )


@get("/board/records", opt={"needs": "board.read"})
async def sheets(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Breaches, steps of the ladder, points and grades of each unit in one month (seed 004-13)."""
    period = _period(request)
    async with db.reading() as connection:
        rows = await records_of.sheets(connection, actor, period)
        points = await _points(connection)
    return render(
        request,
        "supervisor/records.html",
        region="#r-list",
        rows=rows,
        period=period,
        periods=_periods(),
        unit_name=split.unit_name,
        few=FEW,
        at=clock.now(),
        grades=GRADES,
        points=points,
    )


@get("/board/records/{unit:str}", opt={"needs": "board.read"})
async def records(request: Request[Any, Any, Any], actor: Who, unit: FromPath[str]) -> Response[str]:
    """The records behind one unit's figures: each leads to its case."""
    if city.current().unit(unit) is None:
        raise not_found()
    period, cause = _period(request), request.query_params.get("cause", "")
    cause = cause if cause in records_of.CAUSES else ""
    async with db.reading() as connection:
        rows = await records_of.records(
            connection,
            actor,
            unit=unit,
            period=period,
            cause=cause,
            after=_after(request.query_params.get("after", "")),
        )
        first, end = records_of.month(period)
        sums = await body_ratings.sums(connection, actor, clock.on(first), clock.on(end))
    shown = rows[: board.SIZE]
    base = f"/board/records/{unit}?period={period}&cause={cause}"
    older = (
        f"{base}&after={shown[-1].at.isoformat().replace('+', '%2B')}~{shown[-1].id}" if len(rows) > board.SIZE else ""
    )
    return render(
        request,
        "supervisor/record.html",
        region="#r-list",
        rows=shown,
        older=older,
        unit=unit,
        period=period,
        cause=cause,
        body_sum=sums.get(unit),
        causes=records_of.CAUSES,
        grades=GRADES,
        unit_name=split.unit_name,
        title_of=split.title_of,
    )


def _period(request: Request[Any, Any, Any]) -> str:
    first, _ = records_of.month(request.query_params.get("period", ""))
    return f"{first:%Y-%m}"


def _periods() -> dict[str, Say]:
    found: dict[str, Say] = {}
    first: date = clock.today().replace(day=1)
    for _ in range(MONTHS):
        found[f"{first:%Y-%m}"] = Say(f"{first.year} 年 {first.month} 月", f"{first:%B} {first.year}")
        first = (first - timedelta(days=1)).replace(day=1)
    return found


async def _points(connection: db.Connection) -> tuple[int, int]:
    """What a yellow and a red card cost, by the ladder's rule table."""
    book = await ladder_rules.in_force(connection)
    return book["before_due"].points, book["overdue"].points
