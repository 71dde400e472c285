"""The notices as an Atom feed (RFC 4287); an XML writer builds it, so nothing needs escaping here."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from litestar import Request, Response, get

from cases import notice_lists
from cases.notice_lists import PublicNotice
from hotline import city, clock, db, settings
from hotline.permissions import PUBLIC
from web.notices.public import SHOWN_STATES

ATOM = "http://www.w3.org/2005/Atom"
SIZE = 50
_Request = Request[Any, Any, Any]


@get("/notices/feed.xml", opt={"needs": PUBLIC})
async def feed(request: _Request) -> Response[bytes]:
    """The latest notices; one taken down stays as an entry that says so."""
    async with db.reading() as connection:
        page = await notice_lists.public_page(connection, size=SIZE)
    root = (settings.current().public_url or str(request.base_url)).rstrip("/")
    body = ET.tostring(atom(page.rows, root), encoding="utf-8", xml_declaration=True)
    return Response(
        body, media_type="application/atom+xml; charset=utf-8", headers={"Cache-Control": "public, max-age=300"}
    )


def atom(rows: list[PublicNotice] | Any, root: str) -> ET.Element:
    """The feed's tree; ``root`` is the public address without a slash at the end."""
    ET.register_namespace("", ATOM)
    top = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    newest = max((one.changed_at for one in rows), default=clock.now())
    _add(top, "id", f"{root}/notices")
    _add(top, "title", "12345 公示：曝光与纠正")
    _add(top, "updated", _moment(newest))
    _add(top, "link", rel="self", type="application/atom+xml", href=f"{root}/notices/feed.xml")
    _add(top, "link", rel="alternate", type="text/html", href=f"{root}/notices")
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
    _add(entry, "category", term=one.state, label=SHOWN_STATES[one.state].zh)
    _add(entry, "summary", one.wrong if one.state != "withdrawn" else one.withdrawn_reason or "", type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child


def _moment(value: Any) -> str:
    return clock.utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
