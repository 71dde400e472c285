"""The telephone's figures of each line and hour, of the week, and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get

from channels import chat_figures, floor
from channels.floor import Tally
from hotline import city, clock, db
from hotline.errors import Say
from web.render import render

NEEDS = "floor.read"
WEEK = 7
FIRST = date(2000, 1, 1)
"""No hotline has figures before it; the week before the first day of the calendar does not exist."""
AnyRequest = Request[Any, Any, Any]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line's hours of a day and their sum."""

    line: str
    name: Say
    hours: list[Tally | None]
    total: Tally


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures are measured by."""

    seconds: int
    percent: float


def numbers() -> Numbers:
    """The city's own numbers (rules ``voice.answer`` and ``voice.rate``)."""
    rule = city.current().rule
    return Numbers(seconds=int(rule("voice.answer")), percent=float(rule("voice.rate")))


def _day(request: AnyRequest) -> date:
    try:
        return max(FIRST, min(date.fromisoformat(request.query_params.get("day", "")), clock.today()))
    except ValueError:
        return clock.today()


async def _rows(day: date) -> list[Row]:
    async with db.reading() as connection:
        found = await floor.of_day(connection, day)
    lines = city.current().lines
    order = [number for number in lines if any(line == number for line, _ in found)]
    order += sorted({line for line, _ in found} - set(order))
    return [
        Row(
            line=number, name=lines[number].name if number in lines else Say(number, number),
            hours=[found.get((number, hour)) for hour in range(24)],
            total=floor.total(one for (line, _), one in found.items() if line == number),
        )
        for number in order
    ]  # fmt: skip


@get("/floor/figures", opt={"needs": NEEDS})
async def by_hour(request: AnyRequest) -> Response[str]:
    """Each line and hour of a day, and the week before it as 7 × 24."""
    day = _day(request)
    rows = await _rows(day)
    first = day - timedelta(days=WEEK - 1)
    async with db.reading() as connection:
        hours = await floor.of_hours(connection, first, WEEK)
        chat = await chat_figures.shown(connection, day)
    week = [
        (one, [hours.get(clock.on(one, hour)) for hour in range(24)])
        for one in (first + timedelta(days=n) for n in range(WEEK))
    ]
    return render(
        request, "floor/figures.html", rows=rows, day=day, week=week, aim=numbers(), today=clock.today(),
        total=floor.total(row.total for row in rows), before=day - timedelta(days=1), after=day + timedelta(days=1),
        has_week=bool(hours), worst=floor.worst_day(hours, clock.on(day + timedelta(days=1))),
        chat=chat,
    )  # fmt: skip


@get("/floor/figures.csv", opt={"needs": NEEDS})
async def as_csv(request: AnyRequest) -> Response[bytes]:
    """The day's table for a spreadsheet: a row a line and hour, and none for hours without calls."""
    day = _day(request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["日期 day", "线路 line", "名称 name", "钟点 hour", "进入排队 queued", "接通 answered",
                     "限时内接通 in time", "接通率 rate %", "限时接通率 in-time rate %", "未接 missed",
                     "放弃 abandoned", "平均接通秒 mean seconds"])  # fmt: skip
    for row in await _rows(day):
        for hour, one in enumerate(row.hours):
            if one is not None:
                writer.writerow([day, row.line, row.name.zh, hour, one.n, one.answered, one.quick, _one(one.rate),
                                 _one(one.quick_rate), one.missed, one.abandoned, _one(one.mean_wait)])  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="calls-{day}.csv"', "Cache-Control": "no-store"}
    return Response(("\ufeff" + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


ROUTES = [by_hour, as_csv]
