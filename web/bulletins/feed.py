"""The public bulletins as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from hotline import clock
from sla.bulletins import BulletinRow
from web.notices.feed import ATOM


def made(rows: Sequence[BulletinRow], root: str) -> bytes:
    """The feed; ``root`` is the public address without a slash at the end."""
    ET.register_namespace("", ATOM)
    top = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    newest = max((one.issued_at for one in rows if one.issued_at), default=clock.now())
    _add(top, "id", f"{root}/bulletins/public")
    _add(top, "title", "12345 通报")
    _add(top, "updated", _moment(newest))
    _add(top, "link", rel="self", type="application/atom+xml", href=f"{root}/bulletins/public/feed.xml")
    _add(top, "link", rel="alternate", type="text/html", href=f"{root}/bulletins/public")
    _add(_add(top, "author"), "name", "12345 政务服务便民热线")
    for one in rows:
        entry = _add(top, "entry")
        _add(entry, "id", f"urn:uuid:{one.id}")
        _add(entry, "title", f"{one.number} {one.title.zh}")
        _add(entry, "updated", _moment(one.issued_at))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{root}/bulletins/public/{one.slug}")
        _add(entry, "category", term=one.kind)
    text: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child


def _moment(value: object) -> str:
    return clock.utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")  # type: ignore[arg-type] # an issue has its moment
