"""Themes for everybody: the question, the plan, what was done, figures under five masked, and the official answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from litestar import Response, get
from litestar.params import FromPath

from hotline import areas, clock, db
from hotline.permissions import PUBLIC
from sla import theme_cases, theme_lists, theme_steps, themes
from sla.themes import Theme
from web import worklists as split
from web.access import Who
from web.hot import common, picture
from web.hot.common import AnyRequest
from web.render import render

FEW = 5


def few(n: int) -> str:
    """A public figure; one to four are not told."""
    return f"<{FEW}" if 0 < n < FEW else str(n)


def total(n: int, theme: Theme, months: Sequence[tuple[date, int]]) -> str:
    """The sum of a theme; in steps of five when a month of its days is masked, which the rest would give away."""
    until = theme.until or clock.today()
    hides = any(0 < some < FEW and _last_of(first) >= theme.since and first <= until for first, some in months)
    return f"{n - n % FEW}+" if hides and n >= FEW else few(n)


def _last_of(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@get("/themes", opt={"needs": PUBLIC})
async def listed(request: AnyRequest) -> Response[str]:
    """Every public theme, the newest first."""
    async with db.reading() as connection:
        rows = await theme_lists.in_public(connection)
    return render(
        request, "hot/public_list.html", rows=rows, states=themes.STATES, unit_name=split.unit_name,
        places=common.places,
    )  # fmt: skip


@get("/themes/{slug:str}", opt={"needs": PUBLIC})
async def one(request: AnyRequest, actor: Who, slug: FromPath[str]) -> Response[str]:
    """One theme."""
    async with db.reading() as connection:
        found = await theme_lists.public_one(connection, slug)
        steps = await theme_steps.steps(connection, found.id, is_public=True)
        entries = await theme_steps.progress(connection, found.id, is_public=True)
        months = await theme_cases.by_month(connection, found.matters, found.areas, is_public=True)
        cases, _, told = await theme_cases.sums(connection, found.id, is_public=True)
    shown = [(month, few(n), 0 if 0 < n < FEW else n) for month, n in months]
    return render(
        request, "hot/public_one.html", one=found, steps=steps, entries=entries, months=shown,
        bars=picture.bars([n for _, _, n in shown], 280, 80), cases=total(cases, found, months),
        told=total(told, found, months), states=themes.STATES, unit_name=split.unit_name, matters=common.matters,
        places=common.places, at=clock.now(), is_staff=actor.is_staff and common.sees(actor), area_name=areas.area_name,
    )  # fmt: skip


ROUTES = [listed, one]
