"""From any number to its cases: those behind a figure, as far as the viewer may see them; and how many more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get

from cases.states import CASE_STATES
from hotline import db
from hotline.errors import Say, not_found
from sla import facts
from sla.measures import MEASURES
from web.access import Who
from web.figures.boards import NEEDS
from web.figures.names import DIMENSIONS, name_of
from web.figures.room import days_of, enter
from web.render import render
from web.worklists import title_of

AnyRequest = Request[Any, Any, Any]
EXCLUDED: dict[str, Say] = {
    "annulled": Say("评价已作废", "rating annulled"),
    "unreasonable": Say("认定不合理", "held unreasonable"),
    "beyond_remit": Say("认定超职责", "held beyond remit"),
    "withdrawn": Say("已撤单", "withdrawn"),
}
"""Why a fact counts in nothing."""


@get("/figures/cases", opt={"needs": NEEDS})
async def index(request: AnyRequest, actor: Who) -> Response[Any]:
    """The list."""
    query = request.query_params
    measure = query.get("measure", "")
    if measure not in MEASURES:
        raise not_found()
    span, wrong = days_of(request)
    where = {name: query[name][:40] for name in DIMENSIONS if name in query}
    good = {"1": True, "0": False}.get(query.get("good", "")) if MEASURES[measure].is_rate else None
    aside = query.get("aside") == "1"
    async with db.reading() as connection:
        room = await enter(connection, request, actor, span)
        narrowed = {**where, **room.sight.query}
        found = await facts.cases(
            connection, actor, measure, span.first, span.end, where=narrowed, good=good, put_aside=aside,
            after=_cursor(query.get("after", "")),
        )  # fmt: skip
    base = {"measure": measure, "from": str(span.first), "to": str(span.last), **narrowed}
    return render(
        request, "figures/cases.html", region="#r-list", status=422 if wrong else 200, wrong=wrong, found=found,
        span=span, measure=MEASURES[measure], room=room, states=CASE_STATES, excluded=EXCLUDED, aside=aside,
        title_of=title_of, unit_name=lambda code: name_of("unit", code),
        words=[(DIMENSIONS[name], name_of(name, value)) for name, value in narrowed.items()],
        sides=_sides(base, good=good, aside=aside, is_rate=MEASURES[measure].is_rate),
        older=_older(base, query, found.next),
    )  # fmt: skip


def _sides(
    base: Mapping[str, str], *, good: bool | None, aside: bool, is_rate: bool
) -> list[tuple[Say, str, None, bool]]:
    """All of them, one side of a rate, and what counts in nothing: tabs of the list."""
    path = f"/figures/cases?{urlencode(base)}"
    tabs = [(Say("全部", "All"), path, None, good is None and not aside)]
    if is_rate:
        tabs.append((Say("计入分子的", "In the numerator"), f"{path}&good=1", None, good is True and not aside))
        tabs.append((Say("没计入分子的", "Not in it"), f"{path}&good=0", None, good is False and not aside))
    return [*tabs, (Say("不计入的", "Counted in nothing"), f"{path}&aside=1", None, aside)]


def _cursor(text: str) -> tuple[date, UUID] | None:
    day, _, subject = text.partition(" ")
    try:
        return date.fromisoformat(day), UUID(subject)
    except ValueError:
        return None


def _older(base: Mapping[str, str], query: Mapping[str, str], after: tuple[date, UUID] | None) -> str:
    if after is None:
        return ""
    kept = {name: query[name] for name in ("good", "aside") if query.get(name)}
    return f"/figures/cases?{urlencode({**base, **kept, 'after': f'{after[0]} {after[1]}'})}"


ROUTES = [index]
