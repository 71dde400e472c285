"""Workspaces of the jurisdictions: all of them abreast for the city, and one county's own page (seed 004-21).

A county's people see theirs and no other; the city sees all, and the rows add up to the row that counts all.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from cases import counties, scope
from cases.counties import WHOLE, Tally
from hotline import city, clock, db, roster
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.roles import ROLES
from sla.records import month
from web.access import Who
from web.render import render

NEEDS = "board.read"
MONTHS = 13
ELSEWHERE = Say("地点不详", "Place unknown")
COLUMNS: dict[str, Say] = {
    "open": Say("在办", "Open"),
    "to_accept": Say("待受理", "To accept"),
    "late": Say("超期", "Overdue"),
    "filed": Say("当月来件", "Filed"),
    "complaints": Say("其中投诉", "Complaints"),
    "enterprise": Say("其中企业诉求", "By enterprises"),
    "ended": Say("当月办结", "Ended"),
    "by_portal": Say("由本地门户来", "By its portal"),
}
_Request = Request[Any, Any, Any]


@get("/counties", opt={"needs": NEEDS})
async def index(request: _Request, actor: Who) -> Response[str]:
    """Every jurisdiction that the viewer may see, with its figures; the last row counts all of them by itself."""
    period, found = await _counted(request, actor)
    rows = [(code, name(code), found.get(code, Tally(code=code))) for code in codes(actor, found)]
    if request.query_params.get("as") == "csv":
        return _sheet(rows, found[WHOLE], period)
    return render(
        request, "counties/index.html", region="#r-list", rows=rows, whole=found[WHOLE], columns=COLUMNS,
        period=period, periods=periods(), today=clock.today(), city=city.current(), at=clock.now(),
    )  # fmt: skip


@get("/counties/{code:str}", opt={"needs": NEEDS})
async def workspace(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """One county: its figures by subdistrict, its people, its portal, and the ways to its lists."""
    if code not in codes(actor, {}) or city.current().any_jurisdiction(code) is None:
        raise not_found()
    period, found = await _counted(request, actor, county=code)
    names = {one: name_of_town(one) for one in found if one != WHOLE}
    rows = [(one, names[one], found[one]) for one in sorted(names, key=lambda one: (one == "-", -found[one].open, one))]
    return render(
        request, "counties/one.html", region="#r-list", code=code, place=city.current().any_jurisdiction(code),
        rows=rows, whole=found[WHOLE], columns={k: v for k, v in COLUMNS.items() if k != "by_portal"}, period=period,
        periods=periods(), is_today=city.current().jurisdiction(code) is not None, at=clock.now(),
        officers=await roster.officers(code), roles=ROLES, heirs=city.current().counties_after(code), name=name,
    )  # fmt: skip


async def _counted(request: _Request, actor: Actor, *, county: str = "") -> tuple[str, dict[str, Tally]]:
    first, end = month(request.query_params.get("period", ""))
    async with db.reading() as connection:
        found = await counties.tallies(
            connection, actor, clock.now(), clock.on(first), clock.on(end), county=county
        )  # fmt: skip
    return f"{first:%Y-%m}", found


def codes(actor: Actor, found: dict[str, Tally]) -> list[str]:
    """The jurisdictions of a viewer: a county's people theirs; all others every one, and ``city`` last.

    Of the abolished those that had no one successor, or still have cases.
    """
    own = scope.scope_of(actor)
    if own.county and not own.city:
        return [own.county]
    snapshot = city.current()
    gone = [
        one.code for one in snapshot.every_jurisdiction()
        if one.code not in snapshot.jurisdictions and (one.successor is None or one.code in found)
    ]  # fmt: skip
    strangers = sorted(set(found) - {WHOLE, city.CITY, *snapshot.jurisdictions, *gone})
    return [*snapshot.jurisdictions, *gone, *strangers, city.CITY]


def name(code: str) -> Say:
    """A jurisdiction's name, abolished ones too; ``city``: the place is unknown."""
    place = city.current().any_jurisdiction(code)
    return place.name if place is not None else ELSEWHERE


def name_of_town(code: str) -> Say:
    """A subdistrict's name; "-": unknown."""
    town = city.current().township(code) if code != "-" else None
    return town.name if town is not None else Say("街道、乡镇不详", "Subdistrict unknown")


def periods() -> dict[str, Say]:
    """The months that can be looked at, this one first."""
    found: dict[str, Say] = {}
    one = clock.today().replace(day=1)
    for _ in range(MONTHS):
        found[f"{one:%Y-%m}"] = Say(f"{one.year} 年 {one.month} 月", f"{one:%b %Y}")
        one = date(one.year - (one.month == 1), (one.month - 2) % 12 + 1, 1)
    return found


def _sheet(rows: list[tuple[str, Say, Tally]], whole: Tally, period: str) -> Response[str]:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["code", "name_zh", "name_en", *COLUMNS])
    for code, said, one in [*rows, (WHOLE, Say("合计", "Total"), whole)]:
        sheet.writerow([code, said.zh, said.en, *(getattr(one, column) for column in COLUMNS)])
    headers = {"Content-Disposition": f'attachment; filename="counties-{period}.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [index, workspace]
