"""政务服务核实: what came in, what was so and what was not, how long it took; by unit or by matter, each a link."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from hotline import city, clock, db
from hotline.errors import Say
from sla import verification
from sla.records import month
from web import worklists as split
from web.access import Who
from web.care.risks import tabs
from web.render import render

MONTHS = 13
BY = {"unit": Say("按单位", "By unit"), "matter": Say("按事项", "By matter")}


@get("/care/verification", opt={"needs": "board.read"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """A month's table."""
    query = request.query_params
    first, _ = month(query.get("period", ""))
    by = query.get("by", "") if query.get("by") in BY else "unit"
    period = f"{first:%Y-%m}"
    async with db.reading() as connection:
        rows, whole = await verification.rows(connection, actor, period, by)
    return render(
        request, "care/verification.html", region="#r-list", rows=rows, whole=whole, period=period,
        periods=_periods(), by=by, bys=BY, name=_matter if by == "matter" else split.unit_name, at=clock.now(),
        limit=city.current().rule("clock.verify"), tabs=tabs(actor, "/care/verification"),
    )  # fmt: skip


def _matter(code: str) -> Say:
    found = city.current().matter(code)
    return found.name if found else Say(code, code)


def _periods() -> dict[str, Say]:
    today = clock.today()
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS)]
    return {f"{y}-{m + 1:02}": Say(f"{y} 年 {m + 1} 月", f"{y}-{m + 1:02}") for y, m in months}


ROUTES = [index]
