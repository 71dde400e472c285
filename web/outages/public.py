"""Outages for everybody: what is off now and what is planned, what came back within a day; and as a feed."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import outage_areas, outage_words, outages
from cases.outage_rows import KINDS, STATES, Outage
from hotline import city, clock, db
from hotline.permissions import PUBLIC
from web import atom
from web import worklists as split
from web.render import render

AnyRequest = Request[Any, Any, Any]


@get("/outages/now", opt={"needs": PUBLIC})
async def now(request: AnyRequest) -> Response[str]:
    """The list, of one district if ``county`` says so."""
    county = request.query_params.get("county", "")
    known = city.current().jurisdictions
    county = county if county in known else ""
    async with db.reading() as connection:
        found = [one for one in await outages.in_public(connection) if not county or _lies(one, county)]
        history = await outages.changes(connection, [one.id for one in found if one.revision > 1])
    return render(
        request, "outages/now.html", rows=found, county=county, counties={c: one.name for c, one in known.items()},
        history=history, kinds=KINDS, states=STATES, where=outage_areas.say_all, moment=outage_words.moment,
        unit_name=split.unit_name, at=clock.now(), over=outage_words.over,
    )  # fmt: skip


def _lies(one: Outage, county: str) -> bool:
    return any(area.county in ("", county) for area in one.areas)


@get("/outages/now/feed.xml", opt={"needs": PUBLIC})
async def feed(request: AnyRequest) -> Response[bytes]:
    """The same as an Atom feed."""
    async with db.reading() as connection:
        found = await outages.in_public(connection)
    return atom.answer(request, "/outages/now", "12345 停水停电停气停暖", map(_entry, found))


def _entry(one: Outage) -> atom.Entry:
    says = outage_words.answer(one, clock.now()) if one.is_on else outage_words.over(one)
    return atom.Entry(
        id=f"urn:uuid:{one.id}", title=outage_words.title(one).zh, at=one.changed_at, published=one.made_at,
        path=f"/outages/now#o-{one.id}", summary=says.zh, category=(one.kind, KINDS[one.kind].zh),
    )  # fmt: skip


ROUTES = [now, feed]
