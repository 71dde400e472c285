"""Ratings by unit and month, each kind apart; the same as CSV with the national five grades beside ours."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from cases import grades, outside, states
from cases.appeals import GROUNDS
from cases.states_audit import EXCLUDED
from cases.wording import CHANNELS
from hotline import acts, cells, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may
from sla import appeals, rating_figures, records
from sla.rating_figures import Line
from web import worklists as split
from web.access import Who
from web.inspections.common import periods
from web.ratings.common import DECIDE, GROUPS, IMPORT, AnyRequest, admitted, tabs
from web.render import render

DOORS = {"visit": "回访", "voice": "电话按键"}
"""Ways to give a grade that are no door for messages."""
_NOT_COUNTED = {**EXCLUDED, "annulled": Say("评价作废", "Rating annulled")}
MOST = 20_000
"""Lines of one CSV file."""


def _asked(request: AnyRequest) -> tuple[str, str]:
    """Which kind of ratings and which month."""
    of = request.query_params.get("of", "cases")
    first, _ = records.month(request.query_params.get("period", ""))
    return of if of in GROUPS else "cases", f"{first:%Y-%m}"


async def _lines(connection: db.Connection, actor: Actor, of: str, period: str) -> list[Line]:
    if of == "cases":
        return await rating_figures.of_cases(connection, actor, period)
    if of == "bodies":
        return await rating_figures.of_bodies(connection, actor, period)
    return await rating_figures.of_elsewhere(connection, actor, of, period)


@get("/ratings", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """One kind of ratings in one month, by unit."""
    admitted(actor)
    of, period = _asked(request)
    async with db.reading() as connection:
        lines = await _lines(connection, actor, of, period)
    return render(
        request, "ratings/index.html", region="#r-list", of=of, period=period, periods=_periods(period), lines=lines,
        whole=_sum(lines), grades=states.GRADES, unit_name=split.unit_name, tabs=tabs(actor, of, period),
        counted=grades.counted(), may_import=may(actor, IMPORT), has_board=may(actor, "board.read"),
        may_export=may(actor, DECIDE) or may(actor, IMPORT),
    )  # fmt: skip


def _periods(period: str) -> dict[str, Any]:
    found = periods()
    return found if period in found else {period: Say(period, period), **found}


def _sum(lines: list[Line]) -> Line | None:
    """All units together, where more than one has grades."""
    if sum(1 for one in lines if one.rated) < 2:
        return None
    given = {grade: sum(one.grades[grade] for one in lines) for grade in states.GRADES}
    return Line(unit="", grades=given, unrated=sum(one.unrated or 0 for one in lines))


@get("/ratings.csv", opt={"needs": SIGNED_IN})
async def sheet(request: AnyRequest, actor: Who) -> Response[bytes]:
    """The ratings one by one: as they came, as one of our four, as one of the national five. The export is noted."""
    admitted(actor, DECIDE, IMPORT)
    of, period = _asked(request)
    async with db.atomic() as connection:
        rows = await _rows(connection, actor, of, period)
        await acts.note(connection, actor, "export.made", f"ratings:{of}", {"rows": len(rows) - 1, "period": period})
    headers = {
        "Content-Disposition": f'attachment; filename="ratings-{of}-{period}.csv"', "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(cells.sheet(rows), media_type="text/csv; charset=utf-8", headers=headers)


async def _rows(connection: db.Connection, actor: Actor, of: str, period: str) -> list[list[object]]:
    head: list[object] = [
        "日期 date", "编号 number", "单位代码 unit", "单位 name", "来源 source", "窗口 window", "原评价 raw",
        "等级制 scale", "四级 four", "国家五级 five", "得分 score", "不计的原因 not counted",
    ]  # fmt: skip
    if of == "cases":
        return [head, *(_of_case(one) for one in await rating_figures.singles(connection, actor, period, MOST))]
    first, end = records.month(period)
    kind = "body" if of == "bodies" else of
    return [head, *(_of_elsewhere(one) for one in await outside.singles(connection, actor, kind, first, end, MOST))]


def _door(channel: str) -> str:
    return DOORS.get(channel) or (CHANNELS[channel].zh if channel in CHANNELS else channel)


def _of_case(one: rating_figures.Single) -> list[object]:
    scale = grades.SCALES.get(one.scale, grades.SCALES["four"])
    return [
        one.day, one.number, one.unit, split.unit_name(one.unit).zh, _door(one.channel), "", _raw(one.raw, one.scale),
        scale.zh, states.GRADES[one.grade].zh, grades.FIVE[one.five].zh, "",
        _NOT_COUNTED[one.excluded].zh if one.excluded else "",
    ]  # fmt: skip


def _of_elsewhere(one: outside.Single) -> list[object]:
    five = grades.FIVE[grades.five(one.grade, one.raw, one.scale)].zh if one.grade else ""
    return [
        one.day, one.source_no, one.unit, split.unit_name(one.unit).zh, one.source, one.place,
        _raw(one.raw, one.scale), grades.SCALES[one.scale].zh, states.GRADES[one.grade].zh if one.grade else "",
        five, "" if one.score is None else str(one.score), "",
    ]  # fmt: skip


def _raw(raw: str, scale: str) -> str:
    say = grades.GRADES_OF.get(scale, {}).get(raw)
    return say.zh if say is not None else raw


@get("/ratings/appeals", opt={"needs": SIGNED_IN})
async def appealed(request: AnyRequest, actor: Who) -> Response[str]:
    """Appeals of ratings: those to decide for the centre, their own with how they stand for a unit."""
    admitted(actor, DECIDE, "case.handle")
    is_centre = may(actor, DECIDE)
    band = request.query_params.get("band", "open" if is_centre else "all")
    async with db.reading() as connection:
        rows = await appeals.listed(connection, actor, waiting=band == "open", of_unit=not is_centre)
    return render(
        request, "ratings/appeals.html", region="#r-list", rows=rows, band=band, tabs=tabs(actor, "appeals"),
        is_centre=is_centre, grades=states.GRADES, grounds=GROUNDS, unit_name=split.unit_name, title_of=split.title_of,
    )  # fmt: skip


ROUTES = [index, sheet, appealed]
