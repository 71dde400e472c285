"""Counties by date, abolished ones with their successors: to be read, since only the State changes them."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from hotline import city, clock, db
from hotline.errors import Say
from web.access import Who
from web.admin import words
from web.render import render

KINDS = {
    "district": Say("市辖区", "District"), "county": Say("县", "County"),
    "county_city": Say("县级市", "County-level city"), "zone": Say("功能区", "Functional zone"),
}  # fmt: skip


@get("/admin/jurisdictions", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Every county there was: its dates, its townships, who came after it."""
    snapshot, today = city.current(), clock.today()
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT * FROM jurisdiction ORDER BY valid_to IS NOT NULL, code, valid_from DESC")
        open_cases = {
            row["county"]: row["n"]
            for row in await connection.fetch("SELECT county, count(*) AS n FROM cases WHERE is_open GROUP BY 1")
        }
    towns: dict[str, int] = {}
    for one in snapshot.townships.values():
        towns[one.county] = towns.get(one.county, 0) + 1
    heirs = {
        row["code"]: [row["successor"]] if row["successor"] else list(snapshot.counties_after(row["code"]))
        for row in rows
        if row["valid_to"] is not None
    }
    return render(
        request, "admin/jurisdictions.html", rows=rows, kinds=KINDS, towns=towns, heirs=heirs, today=today,
        open_cases=open_cases, words=words, tabs=words.tabs(actor, "/admin/jurisdictions"),
    )  # fmt: skip


ROUTES = [index]
