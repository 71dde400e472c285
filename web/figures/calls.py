"""The centre's board: the four figures of GB/T 33358 exactly, when nobody gets through, and the lines' calls."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from hotline import clock
from hotline.errors import Say, not_found
from sla import facts_spans
from sla.facts_spans import Hour
from sla.measures import MEASURES, STANDARD
from web.access import Who
from web.chart import Chart, Line
from web.dates import long_moment
from web.figures import boards, tiles, trends
from web.figures.boards import NEEDS, Board
from web.figures.room import Room, bars, percent

AnyRequest = Request[Any, Any, Any]
GOAL = 95.0
"""GB/T 33358-2016: the answer rate over any 24 hours, in percent."""
WEEKDAYS = (
    Say("周一", "Mon"), Say("周二", "Tue"), Say("周三", "Wed"), Say("周四", "Thu"), Say("周五", "Fri"),
    Say("周六", "Sat"), Say("周日", "Sun"),
)  # fmt: skip
_BAD, _POOR = 80.0, 95.0


async def calls(room: Room, _: AnyRequest) -> Board:
    """The whole board."""
    if not room.has_calls:
        raise not_found()
    line = room.sight.within[1] if room.sight.within else ""
    hours = await facts_spans.hours(room.connection, room.span.first, room.span.end, line=line)
    charts: list[Chart] = [await trends.trend(room, "calls")]
    if room.sight.is_by("line"):
        found = await room.by(("calls", "answered_15s"), "line")
        title = Say("哪条线路来电多？", "Which line is called most?")
        charts.append(bars(room, "lines", title, "line", found, ("calls", "answered_15s")))
    return Board(
        title=Say("打得进吗？", "Do people get through?"), charts=[*charts, _hours_sheet(room, hours)],
        tiles=await standard(room, line),
        more={"hours": _grid(hours), "weekdays": WEEKDAYS, "has_hours": bool(hours)},
    )  # fmt: skip


async def standard(room: Room, line: str = "") -> list[tiles.Tile]:
    """The four figures."""
    found = {one.measure: one for one in await room.counted(STANDARD)}
    worst = await facts_spans.worst(room.connection, room.span.first, room.span.end, line=line)
    shown = []
    for name in STANDARD:
        one, measure = found.get(name), MEASURES[name]
        shown.append(tiles.Tile(
            id=name, name=measure.name, value=percent(one.rate if one else None),
            of=f"{one.good:,}/{one.total:,}" if one and one.total else "",
            link="" if name in ("calls", "answered_15s") or not (one and one.total) else room.link(name),
        ))  # fmt: skip
    if worst is not None:
        year, is_good = clock.today().year, worst.rate >= GOAL
        shown.insert(2, tiles.Tile(
            id="worst", name=Say("最差 24 小时接通率", "Worst 24 hours"), value=percent(worst.rate),
            of=f"{worst.answered:,}/{worst.calls:,}",
            before=Say(
                f"{'达到' if is_good else '没达到'} {GOAL:.0f}%；"
                f"到{long_moment(worst.until, 'zh', this_year=year)}为止",
                f"{'at least' if is_good else 'below'} {GOAL:.0f} %; "
                f"up to {long_moment(worst.until, 'en', this_year=year)}",
            ),
        ))  # fmt: skip
    return shown


def _grid(hours: list[Hour]) -> list[list[tuple[str, str, str]]]:
    """A row a day of the week, a cell an hour: calls, answer rate, and how it looks."""
    by = {(one.weekday, one.hour): one for one in hours}
    return [[_cell(by.get((day, hour))) for hour in range(24)] for day in range(7)]


def _cell(one: Hour | None) -> tuple[str, str, str]:
    if one is None:
        return "", "", ""
    look = "bad" if one.rate < _BAD else "poor" if one.rate < _POOR else ""
    return f"{one.calls:,}", f"{one.rate:.0f}%", look


def _hours_sheet(room: Room, hours: list[Hour]) -> Chart:
    """The table of hours for a file; the page shows it as 7 × 24."""
    rows = [
        Line(name=Say(f"{WEEKDAYS[one.weekday].zh} {one.hour} 时", f"{WEEKDAYS[one.weekday].en} {one.hour}:00"),
             cells=[f"{one.calls:,}", f"{one.answered:,}", f"{one.quick:,}", percent(one.rate)])
        for one in hours
    ]  # fmt: skip
    return room.chart(
        "hours", Say("什么时候打不进？", "When does nobody get through?"), by=Say("时段", "Hour"), names=[], series=[],
        heads=[Say("来电", "Calls"), Say("接通", "Answered"), Say("15 秒内", "Within 15 s"), Say("接通率", "Rate")],
        rows=rows,
    )  # fmt: skip


@get("/figures/calls", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who) -> Response[Any]:
    """The board of calls."""
    return await boards.answer(request, actor, "/figures/calls", calls)


ROUTES = [page]
