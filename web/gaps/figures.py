"""What the articles are used for: most used, most often of no help, never used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from hotline import clock, db
from hotline.errors import Say
from sla import gap_lists
from web import worklists as split
from web.render import render

DAYS = (30, 90, 365)
GROUPS: dict[str, Say] = {
    "used": Say("用得最多", "Most used"),
    "missed": Say("最常没帮上", "Most often of no help"),
    "never": Say("在用却没用过", "In force and never used"),
}


@get("/knowledge/figures", opt={"needs": "knowledge.read"})
async def figures(request: Request[Any, Any, Any]) -> Response[str]:
    """Of the last days, by article and version; ``article`` and ``version`` show one by the day."""
    query = request.query_params
    days = next((n for n in DAYS if str(n) == query.get("days")), DAYS[0])
    async with db.reading() as connection:
        since = clock.now() - timedelta(days=days)
        groups = {name: await gap_lists.most(connection, name, since) for name in GROUPS}
        by_day = await _by_day(connection, query.get("article", ""), query.get("version", ""), since)
    return render(
        request, "gaps/figures.html", region="#r-figures", groups=groups, says=GROUPS, days=days, choices=DAYS,
        by_day=by_day, unit_name=split.unit_name,
    )  # fmt: skip


async def _by_day(
    connection: db.Connection, article: str, version: str, since: datetime
) -> list[tuple[Any, int]]:
    try:
        return await gap_lists.by_day(connection, UUID(article), min(int(version), 2**31 - 1), since)
    except ValueError:
        return []


ROUTES = [figures]
