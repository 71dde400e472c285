"""A feed in Atom (RFC 4287); an XML writer builds it, so nothing needs escaping here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from litestar import Request, Response

from hotline import clock, settings

NAMESPACE = "http://www.w3.org/2005/Atom"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, changed last ``at``; ``path`` begins with a slash, ``category`` is a term and its label."""

    id: str
    title: str
    at: datetime
    path: str
    summary: str
    published: datetime | None = None
    category: tuple[str, str] | None = None


def answer(
    request: Request[Any, Any, Any], path: str, title: str, entries: Iterable[Entry], *, query: str = ""
) -> Response[bytes]:
    """The feed at ``path``/feed.xml of the page ``path``, newest first; anybody may keep it for five minutes.

    ``query`` (with its question mark) says which part of the page it holds.
    """
    root = (settings.current().public_url or str(request.base_url)).rstrip("/")
    held = list(entries)
    ET.register_namespace("", NAMESPACE)
    top = ET.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    _add(top, "id", f"{root}{path}{query}")
    _add(top, "title", title)
    _add(top, "updated", _moment(max((one.at for one in held), default=clock.now())))
    _add(top, "link", rel="self", type="application/atom+xml", href=f"{root}{path}/feed.xml{query}")
    _add(top, "link", rel="alternate", type="text/html", href=f"{root}{path}{query}")
    _add(_add(top, "author"), "name", "12345 政务服务便民热线")
    for one in held:
        _entry(_add(top, "entry"), one, root)
    body = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def _entry(entry: ET.Element, one: Entry, root: str) -> None:
    for name, text in (("id", one.id), ("title", one.title), ("updated", _moment(one.at))):
        _add(entry, name, text)
    if one.published is not None:
        _add(entry, "published", _moment(one.published))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{root}{one.path}")
    if one.category is not None:
        _add(entry, "category", term=one.category[0], label=one.category[1])
    _add(entry, "summary", one.summary, type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    child.text = text
    return child


def _moment(value: datetime) -> str:
    return clock.utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
