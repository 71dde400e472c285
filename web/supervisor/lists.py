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
from sla import board
from sla import records as records_of
from web import worklists as split
from web.access import Who
from web.cases.asks import ORDER_RULES
from web.render import render

MONTHS = 13
FEW = 30
"""Under so many grades a rate says nothing about a unit (ux.md 6)."""


def _after(text: str) -> tuple[datetime, UUID] | None:
    return queries.read_cursor(text) if text else None


@get("/board/orders", opt={"needs": "board.read"})
async def orders(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Supervision orders: unanswered ones nearest due first, or with ``state=answered`` the answered ones."""
    is_open = request.query_params.get("state", "open") != "answered"
    async with db.reading() as connection:
        rows = await board.orders(connection, actor, is_open=is_open)
    return render(
        request,
        "supervisor/orders.html",
        region="#r-list",
        rows=rows,
        is_open=is_open,
        unit_name=split.unit_name,
        title_of=split.title_of,
        rules={**board.RULES, **ORDER_RULES},
        now_at=clock.now(),
    )


@get("/board/records", opt={"needs": "board.read"})
async def sheets(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Breaches, steps of the ladder, points and grades of each unit in one month (seed 004-13)."""
    period = _period(request)
    async with db.reading() as connection:
        rows = await records_of.sheets(connection, actor, period)
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
        points=_points(),
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


def _points() -> tuple[str | int | float, str | int | float]:
    rule = city.current().rule
    return rule("supervision.yellow_points"), rule("supervision.red_points")
