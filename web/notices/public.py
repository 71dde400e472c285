"""What anybody reads: the list of notices with its filters, and the page of one; never where or whom it came from."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import notice_lists
from cases.notices import STATES
from hotline import city, db
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web import filters
from web.render import render

_Request = Request[Any, Any, Any]
SHOWN_STATES = {
    "published": Say("限期纠正中", "To be corrected"),
    "corrected": Say("已纠正待核实", "Correction being checked"),
    "verified": Say("已纠正", "Corrected"),
    "archived": Say("已归档", "Archived"),
    "withdrawn": Say("已撤下", "Taken down"),
}
"""How citizens read the states."""


@get("/notices", opt={"needs": PUBLIC})
async def notices(request: _Request) -> Response[str]:
    """Newest first; by county, office and state; older ones by the link at the end."""
    snapshot = city.current()
    counties = {code: one.name for code, one in snapshot.jurisdictions.items()}
    units = {code: one.name for code, one in snapshot.units.items() if one.tier <= 3 and one.tier > 1}  # noqa: PLR2004
    chosen = filters.parse("/notices", request.query_params, [
        filters.Choice(key="county", say=Say("区县", "District"), options=counties),
        filters.Choice(key="unit", say=Say("单位", "Office"), options=units),
        filters.Choice(key="state", say=Say("进展", "State"), options=SHOWN_STATES),
    ], sorts=("new",))  # fmt: skip
    async with db.reading() as connection:
        page = await notice_lists.public_page(
            connection, county=chosen.get("county"), unit=chosen.get("unit"), state=chosen.get("state"), after=chosen.after
        )
    return render(
        request, "notices/public_list.html", region="#r-list", filters=chosen, notices=page.rows, city=snapshot,
        counties=counties, units=units, states=SHOWN_STATES, older=chosen.url(after=page.after) if page.after else "",
    )  # fmt: skip


@get("/notices/{number:str}", opt={"needs": PUBLIC})
async def one(request: _Request, number: str) -> Response[str]:
    """The page of 公示〔2026〕3号 at ``/notices/2026-3``; one that was taken down leaves a tombstone with the reason."""
    async with db.reading() as connection:
        found = await notice_lists.public_one(connection, number)
    status = 410 if found.state == "withdrawn" else 200
    return render(request, "notices/public_one.html", status=status, notice=found, city=city.current(), states=SHOWN_STATES, all=STATES)
