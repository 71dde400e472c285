"""The notices as an Atom feed (RFC 4287); an XML writer builds it, so nothing needs escaping here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from litestar import Request, Response, get

from cases import notice_lists
from cases.notice_lists import PublicNotice
from hotline import city, clock, db, settings
from hotline.permissions import PUBLIC
from web.notices.public import LATE, SHOWN_STATES

ATOM = "http://www.w3.org/2005/Atom"
SIZE = 50
_Request = Request[Any, Any, Any]


@get("/notices/feed.xml", opt={"needs": PUBLIC})
async def feed(request: _Request) -> Response[bytes]:
    """The latest notices, of one office or county where ``unit`` or ``county`` says so; taken down, one says so."""
    unit = city.current().unit(request.query_params.get("unit", ""))
    county = city.current().any_jurisdiction(request.query_params.get("county", ""))
    async with db.reading() as connection:
        page = await notice_lists.public_page(
            connection, unit=unit.code if unit else "", county=county.code if county else "", state="", size=SIZE
        )
    root = (settings.current().public_url or str(request.base_url)).rstrip("/")
    kept = [("unit", unit)] if unit else [("county", county)] if county else []
    query = "".join(f"?{name}={one.code}" for name, one in kept if one is not None)
    whose = next((one.name.zh for _, one in kept if one is not None), "")
    body = ET.tostring(atom(page.rows, root, query, whose), encoding="utf-8", xml_declaration=True)
    return Response(
        body, media_type="application/atom+xml; charset=utf-8", headers={"Cache-Control": "public, max-age=300"}
    )


def atom(rows: Sequence[PublicNotice], root: str, query: str = "", whose: str = "") -> ET.Element:
    """The feed's tree; ``root`` is the public address without a slash at the end, ``query`` which notices it has."""
    ET.register_namespace("", ATOM)
    top = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    newest = max((one.changed_at for one in rows), default=clock.now())
    _add(top, "id", f"{root}/notices{query}")
    _add(top, "title", f"12345 公示：{whose}" if whose else "12345 公示：曝光与纠正")
    _add(top, "updated", _moment(newest))
    _add(top, "link", rel="self", type="application/atom+xml", href=f"{root}/notices/feed.xml{query}")
    _add(top, "link", rel="alternate", type="text/html", href=f"{root}/notices{query}")
    _add(_add(top, "author"), "name", "12345 政务服务便民热线")
    for one in rows:
        _entry(top, one, root)
    return top


def _entry(top: ET.Element, one: PublicNotice, root: str) -> None:
    entry = _add(top, "entry")
    matter, unit = city.current().matter(one.matter), city.current().unit(one.unit)
    subject = "，".join(name for name in (unit.name_zh if unit else "", matter.l3_zh if matter else "") if name)
    _add(entry, "id", f"urn:uuid:{one.id}")
    _add(entry, "title", f"{one.number} {subject}" if one.state != "withdrawn" else f"{one.number} 已撤下")
    _add(entry, "published", _moment(one.published_at))
    _add(entry, "updated", _moment(one.changed_at))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{root}/notices/{one.slug}")
    _add(entry, "category", term=one.state, label=(LATE if one.is_late else SHOWN_STATES[one.state]).zh)
    _add(entry, "summary", one.wrong if one.state != "withdrawn" else one.withdrawn_reason or "", type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child


def _moment(value: Any) -> str:
    return clock.utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
