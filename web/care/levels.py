"""企业诉求分级协调: a leader's own list, and the centre's by level."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import ladders
from cases.levels import LEVELS
from cases.states import CASE_STATES
from hotline import clock, db
from hotline.permissions import may
from web import worklists as split
from web.access import Who
from web.care.risks import tabs
from web.render import render


@get("/care/levels", opt={"needs": "case.list"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Open enterprise cases, nearest limit first: a leader's own, else those of the level that ``level`` names."""
    leads = may(actor, "case.instruct")
    level = request.query_params.get("level", "")
    level = level if level in LEVELS else ""
    async with db.reading() as connection:
        rows = await ladders.listed(connection, actor, level=level, is_mine=leads)
    return render(
        request, "care/levels.html", region="#r-list", rows=rows, levels=LEVELS, level=level, is_mine=leads,
        states=CASE_STATES, unit_name=split.unit_name, title_of=split.title_of, at=clock.now(), live="queue",
        tabs=tabs(actor, "/care/levels"),
    )  # fmt: skip


ROUTES = [index]
