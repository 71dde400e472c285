"""What anybody reads: the list of notices with its filters, and the page of one; never where or whom it came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import notice_lists
from hotline import city, clock, db
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


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in words: what the templates need, and nothing else."""

    slug: str
    number: str
    state_say: Say
    is_withdrawn: bool
    is_late: bool
    unit: Say
    matter: Say
    place: Say
    published_at: datetime
    due_at: datetime
    corrected_at: datetime | None
    verified_at: datetime | None
    archived_at: datetime | None
    withdrawn_at: datetime | None
    reason: str
    wrong: str
    rule: str
    required: str
    correction: str
    verification: str


def shown(one: notice_lists.PublicNotice) -> Shown:
    """Codes become names; the place goes down to the subdistrict and no further."""
    snapshot = city.current()
    unit, matter = snapshot.unit(one.unit), snapshot.matter(one.matter)
    county, town = snapshot.any_jurisdiction(one.county), snapshot.township(one.township) if one.township else None
    parts = [part.name for part in (county, town) if part is not None]
    return Shown(
        slug=one.slug, number=one.number, state_say=SHOWN_STATES[one.state], is_withdrawn=one.state == "withdrawn",
        is_late=one.state == "published" and one.due_at < clock.now(),
        unit=unit.name if unit else Say(one.unit, one.unit),
        matter=matter.name if matter else Say(one.matter, one.matter),
        place=Say("".join(p.zh for p in parts) or "全市", ", ".join(p.en for p in reversed(parts)) or "the city"),
        published_at=one.published_at, due_at=one.due_at, corrected_at=one.corrected_at, verified_at=one.verified_at,
        archived_at=one.archived_at, withdrawn_at=one.withdrawn_at, reason=one.withdrawn_reason or "", wrong=one.wrong,
        rule=one.rule, required=one.required, correction=one.correction or "", verification=one.verification or "",
    )  # fmt: skip


@get("/notices", opt={"needs": PUBLIC})
async def notices(request: _Request) -> Response[str]:
    """Newest first; by county, office and state; older ones by the link at the end."""
    snapshot = city.current()
    counties = {code: one.name for code, one in snapshot.jurisdictions.items()}
    units = {code: one.name for code, one in snapshot.units.items() if one.tier <= 3 and one.tier > 1}
    chosen = filters.parse("/notices", request.query_params, [
        filters.Choice(key="county", say=Say("区县", "District"), options=counties),
        filters.Choice(key="unit", say=Say("单位", "Office"), options=units),
        filters.Choice(key="state", say=Say("进展", "State"), options=SHOWN_STATES),
    ], sorts=("new",))  # fmt: skip
    async with db.reading() as connection:
        page = await notice_lists.public_page(
            connection,
            county=chosen.get("county"),
            unit=chosen.get("unit"),
            state=chosen.get("state"),
            after=chosen.after,
        )
    return render(
        request, "notices/public_list.html", region="#r-list", filters=chosen,
        notices=[shown(one) for one in page.rows], counties=counties, units=units, states=SHOWN_STATES,
        older=chosen.url(after=page.after) if page.after else "",
    )  # fmt: skip


@get("/notices/{number:str}", opt={"needs": PUBLIC})
async def one(request: _Request, number: FromPath[str]) -> Response[str]:
    """The page of 公示〔2026〕3号 at ``/notices/2026-3``; taken down, it leaves a tombstone with the reason."""
    async with db.reading() as connection:
        found = await notice_lists.public_one(connection, number)
    status = 410 if found.state == "withdrawn" else 200
    return render(request, "notices/public_one.html", status=status, notice=shown(found))
