"""The notices as an Atom feed: the latest, all or of one office or district; one taken down stays and says so."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import notice_lists
from cases.notice_lists import PublicNotice
from hotline import city, db
from hotline.permissions import PUBLIC
from web import atom
from web.notices.public import HELD, LATE, SHOWN_STATES

ATOM = atom.NAMESPACE
SIZE = 50
_Request = Request[Any, Any, Any]


@get("/notices/feed.xml", opt={"needs": PUBLIC})
async def feed(request: _Request) -> Response[bytes]:
    """The latest notices, of one office or district where ``unit`` or ``county`` says so."""
    unit = city.current().unit(request.query_params.get("unit", ""))
    county = city.current().any_jurisdiction(request.query_params.get("county", ""))
    async with db.reading() as connection:
        page = await notice_lists.public_page(
            connection, unit=unit.code if unit else "", county=county.code if county else "", size=SIZE, with_held=True
        )
    asked = [(name, one) for name, one in (("unit", unit), ("county", county)) if one is not None]
    query = "?" + "&".join(f"{name}={one.code}" for name, one in asked) if asked else ""
    title = "，".join(one.name.zh for _, one in asked) or "曝光与纠正"
    return atom.answer(request, "/notices", f"12345 公示：{title}", map(_entry, page.rows), query=query)


def _entry(one: PublicNotice) -> atom.Entry:
    matter, unit = city.current().matter(one.matter), city.current().unit(one.unit)
    subject = "，".join(name for name in (unit.name_zh if unit else "", matter.l3_zh if matter else "") if name)
    is_gone = one.state == "withdrawn"
    state = HELD if one.is_held and not is_gone else LATE if one.is_late else SHOWN_STATES[one.state]
    if one.is_held:
        subject = HELD.zh
    return atom.Entry(
        id=f"urn:uuid:{one.id}", title=f"{one.number} {'已撤下' if is_gone else subject}", at=one.changed_at,
        published=one.published_at, path=f"/notices/{one.slug}",
        category=("held" if one.is_held and not is_gone else one.state, state.zh),
        summary=(one.withdrawn_reason or "") if is_gone else one.wrong,
    )  # fmt: skip
