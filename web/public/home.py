"""The first page for citizens, for the city or for one county: ask, look up, notices, and what the service is."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from cases import notice_lists
from channels import staffing, surge
from hotline import city, db
from hotline.errors import not_found
from hotline.permissions import PUBLIC
from web.notices.public import shown
from web.public import questions
from web.public.lists import portal_county, promise, promise_of
from web.render import render

_Request = Request[Any, Any, Any]
_SHOWN = 3


async def page(request: _Request, county: str = "") -> Response[str]:
    """The first page; with ``county`` that county's portal."""
    snapshot = city.current()
    async with db.reading() as connection:
        latest = await notice_lists.public_page(connection, county=county, size=_SHOWN)
        on = await surge.current(connection)
        minutes = await staffing.wait_minutes(connection, await surge.queued(connection)) if on else 0
    place = snapshot.jurisdiction(county) if county else None
    lines = [one for one in snapshot.open_lines.values() if one.number != "12345"]
    return render(
        request, "public/home.html", county=county, county_say=place.name if place else None,
        notices=[shown(one) for one in latest.rows], kinds=questions.KINDS, lines=lines, city=snapshot,
        promises={kind: promise(kind) for kind in questions.KINDS}, urgent=promise_of("UTIL24H"),
        involved=promise_of("CPX15"), surging=on, wait_minutes=minutes,
    )  # fmt: skip


@get("/county/{code:str}", opt={"needs": PUBLIC})
async def county_home(request: _Request, code: FromPath[str]) -> Response[str]:
    """A county's own portal: the same pages with that county preset."""
    if not portal_county(code):
        raise not_found()
    return await page(request, code)
