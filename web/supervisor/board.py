"""The board's first page: four figures, units by stage, today by the hour, and what still has to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get

from cases import queries, scope
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from routing import cluster_lists
from sla import board as lists_of
from sla import figures as figures_of
from web import hearing
from web import worklists as split
from web.access import Who
from web.accuracy import tile
from web.care import risks
from web.hours import bars
from web.render import render
from web.supervisor.lists import FEW

STAGE_ORDER = (
    "accept",
    "dispatch",
    "sign_off",
    "first_contact",
    "feedback",
    "admit",
    "verify",
    "finish",
    "audit",
    "visit",
    "order_reply",
    "correction",
)
SHOWN = 5
MOST_BARS = 12
"""Units in the picture of trouble; the table below has them all."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number and the list it leads to."""

    say: Say
    n: int
    url: str
    is_bad: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's line of the table: by stage how many promises run and how many are late."""

    unit: str
    name: Say
    cells: Sequence[figures_of.Cell | None]
    running: int
    late: int
    paused: int


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a unit's bar: its band, its figure, and where it lies in a picture 100 wide."""

    band: str
    n: int
    x: float
    width: float


@get("/board", opt={"needs": "board.read"})
async def board(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The board."""
    return await _show(request, actor)


@get("/board/figures", opt={"needs": "board.read", "is_quiet": True})
async def figures(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The board's figures anew, fetched by the page each minute."""
    return await _show(request, actor)


async def _show(request: Request[Any, Any, Any], actor: Actor) -> Response[str]:
    now = clock.now()
    async with db.reading() as connection:
        counts = await queries.counts(connection, actor)
        cells = await figures_of.cells(connection, actor, now)
        hours = await figures_of.hours(connection, actor, now)
        alerts = await lists_of.alerts(connection, actor, size=SHOWN + 1)
        orders = await lists_of.orders(connection, actor, size=SHOWN + 1)
        open_risks = await risks.of(connection, actor) if may(actor, risks.NEEDS) else None
        groups = await cluster_lists.count(connection, actor)
        right = await tile.figure(connection, actor)
    stages, rows = table(cells)
    return render(
        request,
        "supervisor/board.html",
        region="#r-board",
        figures=_figures(counts, *groups),
        standings=(standings := figures_of.standings(cells)),
        pressing=pressing(standings),
        bands=figures_of.BANDS,
        paused=sum(cell.paused for cell in cells),
        may_supervise=may(actor, "case.supervise"),
        right=right,
        few=FEW,
        stages=stages,
        rows=rows,
        bars=bars(hours, clock.local(now).hour),
        reach=reach_of(actor),
        at=now,
        alerts=alerts,
        orders=orders,
        shown=SHOWN,
        unit_name=split.unit_name,
        title_of=split.title_of,
        stage_name=lists_of.stage_name,
        rules=lists_of.RULES,
        may_answer=may(actor, "alert.answer"),
        risks=open_risks,
        kinds_of=hearing.kinds_of,
        is_news=False,
        live="queue",
    )


def _figures(counts: dict[str, int], groups: int, masses: int) -> list[Figure]:
    return [
        Figure(say=Say("今日到期", "Due today"), n=counts["today"], url="/cases?band=today"),
        Figure(say=Say("有风险", "At risk"), n=counts["risk"], url="/cases?band=risk"),
        Figure(
            say=Say("超期", "Overdue"), n=counts["overdue"], url="/cases?band=overdue", is_bad=counts["overdue"] > 0
        ),
        Figure(say=Say("待回访", "To call back"), n=counts["state:callback"], url="/cases?state=callback"),
        Figure(say=Say("企业诉求", "Enterprise requests"), n=counts["enterprise"], url="/cases?requester=enterprise"),
        Figure(say=Say("同类聚集", "Clusters"), n=groups, url="/clusters", is_bad=masses > 0),
    ]


def table(cells: Sequence[figures_of.Cell]) -> tuple[list[str], list[Row]]:
    """The stages that occur, in the order of the process, and a row a unit: most late first, then most running."""
    seen = {cell.stage for cell in cells}
    stages = [stage for stage in STAGE_ORDER if stage in seen] + sorted(seen.difference(STAGE_ORDER))
    by_unit: dict[str, dict[str, figures_of.Cell]] = {}
    for cell in cells:
        by_unit.setdefault(cell.unit, {})[cell.stage] = cell
    rows = [
        Row(
            unit=unit,
            name=split.unit_name(unit),
            cells=[own.get(stage) for stage in stages],
            running=sum(cell.running for cell in own.values()),
            late=sum(cell.late for cell in own.values()),
            paused=sum(cell.paused for cell in own.values()),
        )
        for unit, own in by_unit.items()
    ]
    return stages, sorted(rows, key=lambda row: (-row.late, -row.running, row.unit))


def pressing(found: Sequence[figures_of.Standing]) -> list[tuple[figures_of.Standing, Say, list[Piece]]]:
    """The units most in trouble, each with its bar; all bars to one scale."""
    shown = found[:MOST_BARS]
    most = max((one.total for one in shown), default=1)
    return [(one, split.unit_name(one.unit), _pieces(one, most)) for one in shown]


def _pieces(one: figures_of.Standing, most: int) -> list[Piece]:
    pieces, x = [], 0.0
    for band in figures_of.PRESSING:
        n = getattr(one, band)
        if n:
            width = round(100 * n / most, 2)
            pieces.append(Piece(band=band, n=n, x=round(x, 2), width=width))
            x += width
    return pieces


def reach_of(actor: Actor) -> Say:
    """Whose figures these are."""
    own = scope.scope_of(actor)
    if own.city:
        return Say("全市", "The whole city")
    if own.county:
        county = city.current().any_jurisdiction(own.county)
        return county.name if county else Say(own.county, own.county)
    return split.unit_name(actor.unit)
