"""The city's codes for machines: matters, places, units, and whether requests are taken. Public data, no key."""

from __future__ import annotations

from litestar import Response, get

from hotline import city, db
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web.partners.shapes import Health, Jurisdiction, Matter, Named, Sentence, Unit

OPT = {"needs": PUBLIC, "is_hook": True}
CACHED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


def _say(say: Say) -> Sentence:
    return Sentence(zh=say.zh, en=say.en)


@get("/api/v1/matters", opt=OPT)
async def matters() -> Response[list[Matter]]:
    """Today's catalogue."""
    found = [
        Matter(
            code=one.code, name=_say(one.name), group=Sentence(zh=one.l2_zh, en=one.l2_en),
            division=Sentence(zh=one.l1_zh, en=one.l1_en),
        ) for one in city.current().matters.values()
    ]  # fmt: skip
    return Response(found, headers=CACHED)


@get("/api/v1/jurisdictions", opt=OPT)
async def jurisdictions() -> Response[list[Jurisdiction]]:
    """Today's counties and districts with their townships."""
    now = city.current()
    towns: dict[str, list[Named]] = {}
    for one in now.townships.values():
        towns.setdefault(one.county, []).append(Named(code=one.code, name=_say(one.name)))
    found = [
        Jurisdiction(code=one.code, name=_say(one.name), townships=towns.get(one.code, []))
        for one in now.jurisdictions.values()
    ]
    return Response(found, headers=CACHED)


@get("/api/v1/units", opt=OPT)
async def units() -> Response[list[Unit]]:
    """Today's units that take requests, villages left out."""
    found = [
        Unit(code=one.code, name=_say(one.name), parent=one.parent)
        for one in city.current().units.values() if one.is_on and one.tier < 5
    ]  # fmt: skip
    return Response(found, headers=CACHED)


@get("/api/v1/health", opt=OPT)
async def health() -> Response[Health]:
    """200 while requests are taken, also while they are only spooled."""
    try:
        async with db.reading() as connection:
            await connection.fetchval("SELECT 1")
    except db.AWAY:
        return Response(Health(status="spooling"), headers={"Cache-Control": "no-store"})
    return Response(Health(status="ok"), headers={"Cache-Control": "no-store"})


ROUTES = [matters, jurisdictions, units, health]
