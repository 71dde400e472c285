"""The boards: overview, where, what, which unit, which stage. Each is a list of charts that are its tables, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get

from hotline import acts, db
from hotline.errors import Say, not_found
from sla.measures import MEASURES
from web import sheets
from web.access import Who
from web.chart import Chart
from web.figures import fairness, maps, stages, tiles, trends
from web.figures.room import Room, bars, days_of, enter
from web.figures.spans import SPANS
from web.render import render

NEEDS = "figures.own"
AnyRequest = Request[Any, Any, Any]
VOLUME = ("requests", "ended", "dispatched", "finished", "resolved", "rated", "breaches")
UNIT = ("dispatched", "signed", "contacted", "finished", "returned", "reworked", "resolved", "rated", "breaches",
        "yellow", "red", "orders")  # fmt: skip


class Board(msgspec.Struct, kw_only=True):
    """What a board shows: its question, figures at its head, charts, and a map where it has one."""

    title: Say
    charts: Sequence[Chart]
    tiles: Sequence[tiles.Tile] = ()
    map: maps.Map | None = None
    measure: str = ""
    more: dict[str, Any] = {}


async def overview(room: Room, _: AnyRequest) -> Board:
    """Is it more than before, where, of what, and what is late."""
    charts = [await trends.trend(room), await stages.chart(room)]
    if room.sight.is_by("county"):
        found = await room.by(("requests", "ended", "finished", "rated"), "county")
        charts.append(bars(
            room, "counties", Say("哪里多？", "Where is it much?"), "county", found,
            ("requests", "ended", "finished", "rated"),
        ))  # fmt: skip
    found = await room.by(("requests", "finished", "rated"), "matter")
    charts.append(bars(
        room, "matters", Say("什么事最多？", "What is it mostly about?"), "matter", found,
        ("requests", "finished", "rated"), most=20, seen=10,
    ))  # fmt: skip
    return Board(title=Say("现在怎么样？", "How are things?"), charts=charts, tiles=await tiles.head(room))


async def places(room: Room, request: AnyRequest) -> Board:
    """The map of counties, or a county's subdistricts."""
    measure = request.query_params.get("measure", "")
    measure = measure if measure in maps.CHOICES else "requests"
    title = Say("哪里多？", "Where is it much?")
    if not room.sight.is_by("county"):
        found = await room.by(VOLUME, "township")
        return Board(title=title, charts=[bars(
            room, "townships", Say("哪个街道、乡镇多？", "Which subdistrict has most?"), "township", found, VOLUME
        )])  # fmt: skip
    measures = tuple(dict.fromkeys((measure, *VOLUME)))
    found = await room.by(measures, "county")
    chart = bars(room, "counties", Say("各区县怎么样？", "How are the counties?"), "county", found, measures, seen=20)
    drawn = maps.drawn(room, {key: one[measure] for key, one in found.items() if measure in one}, measure)
    return Board(title=title, charts=[chart], map=drawn, measure=measure, more={
        "choices": {one: MEASURES[one].name for one in maps.CHOICES}, "few": fairness.FEW, "least": maps.LEAST
    })  # fmt: skip


async def matters(room: Room, _: AnyRequest) -> Board:
    """Matters, kinds and ways in."""
    charts = []
    for by, title in (
        ("matter", Say("什么事最多？", "What is it mostly about?")),
        ("kind", Say("是求助还是投诉？", "Help or complaint?")),
        ("channel", Say("从哪里来？", "Which way do they come?")),
        ("line", Say("哪条线路来的？", "Which line do they call?")),
    ):
        if room.sight.is_by(by):
            found = await room.by(VOLUME, by)
            charts.append(bars(room, f"{by}s", title, by, found, VOLUME, most=100))
    return Board(title=Say("什么事？", "What about?"), charts=charts)


async def units(room: Room, _: AnyRequest) -> Board:
    """Units abreast, and whether their satisfaction rates tell them apart."""
    if not room.sight.is_by("unit"):
        return Board(title=Say("本单位怎么样？", "How is the unit?"), charts=[
            await trends.trend(room, "dispatched"), await trends.trend(room, "rated"),
        ])  # fmt: skip
    found = await room.by(UNIT, "unit")
    found.pop("", None)
    rated = [one["rated"] for one in found.values() if "rated" in one]
    title = Say("哪个单位事多？", "Which unit has most to do?")
    charts = [bars(room, "units", title, "unit", found, UNIT, seen=15), *fairness.charts(room, rated)]
    return Board(title=Say("哪个单位？", "Which unit?"), charts=charts)


async def stuck(room: Room, _: AnyRequest) -> Board:
    """How long the stages take, and where promises break."""
    charts = [await stages.chart(room)]
    for by, title in (
        ("unit", Say("哪个单位超期多？", "Which unit breaks most promises?")),
        ("matter", Say("什么事超期多？", "Which matters break most promises?")),
    ):
        if room.sight.is_by(by):
            found = await room.by(("breaches", "finished", "signed", "contacted"), by)
            found = {key: one for key, one in found.items() if "breaches" in one and one["breaches"].total}
            charts.append(bars(
                room, f"late-{by}s", title, by, found, ("breaches", "finished", "signed", "contacted"), most=100
            ))  # fmt: skip
    return Board(title=Say("卡在哪一环？", "Where does it stick?"), charts=charts)


Make = Callable[[Room, AnyRequest], Awaitable[Board]]


async def answer(request: AnyRequest, actor: Who, path: str, make: Make) -> Response[Any]:
    """The board as a page, or one of its tables as a file."""
    span, wrong = days_of(request)
    async with db.reading() as connection:
        room = await enter(connection, request, actor, span)
        board = await make(room, request)
    kind = request.query_params.get("as", "")
    if kind in sheets.KINDS and wrong is None:
        return await saved(request, actor, room, board.charts, kind)
    return render(
        request, "figures/board.html", region="#r-board", status=422 if wrong else 200, wrong=wrong, room=room,
        board=board, span=span, spans=SPANS, tabs=room.tabs(path), board_path=path,
    )  # fmt: skip


async def saved(
    request: AnyRequest, actor: Who, room: Room, charts: Sequence[Chart], kind: str
) -> Response[bytes]:
    """One table of a board as a file; that it was taken out is noted."""
    wanted = request.query_params.get("table", "")
    chart = next((one for one in charts if one.id == wanted), None)
    if chart is None:
        raise not_found()
    async with db.atomic() as connection:
        await acts.note(connection, actor, "export.made", f"figures:{chart.id}", {
            "from": str(room.span.first), "to": str(room.span.last), "rows": len(chart.rows)
        })  # fmt: skip
    english = request.query_params.get("lang") == "en" or request.cookies.get("hl_lang") == "en"
    return sheets.file(chart.sheet("en" if english else "zh"), f"{chart.id}-{room.span.first}-{room.span.last}", kind)


@get("/figures", opt={"needs": NEEDS})
async def index(request: AnyRequest, actor: Who) -> Response[Any]:
    """The overview."""
    return await answer(request, actor, "/figures", overview)


@get("/figures/places", opt={"needs": NEEDS})
async def by_place(request: AnyRequest, actor: Who) -> Response[Any]:
    """Where."""
    return await answer(request, actor, "/figures/places", places)


@get("/figures/matters", opt={"needs": NEEDS})
async def by_matter(request: AnyRequest, actor: Who) -> Response[Any]:
    """What about."""
    return await answer(request, actor, "/figures/matters", matters)


@get("/figures/units", opt={"needs": NEEDS})
async def by_unit(request: AnyRequest, actor: Who) -> Response[Any]:
    """Which unit."""
    return await answer(request, actor, "/figures/units", units)


@get("/figures/stages", opt={"needs": NEEDS})
async def by_stage(request: AnyRequest, actor: Who) -> Response[Any]:
    """Which stage."""
    return await answer(request, actor, "/figures/stages", stuck)


ROUTES = [index, by_place, by_matter, by_unit, by_stage]
