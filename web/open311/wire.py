"""The wire of GeoReport v2: one value as XML or JSON by the suffix, errors as the specification has them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from litestar import Response

from hotline import clock
from hotline.errors import Refusal

MEDIA = {"xml": "text/xml", "json": "application/json; charset=utf-8"}
ONE_OF = {
    "services": "service", "service_requests": "request", "attributes": "attribute", "values": "value",
    "errors": "error", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
"""How an element of a list is called in XML; JSON has the list alone."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(
    suffix: str, root: str, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """``value`` under the name ``root``. Machines of any origin may read it: nothing here is anybody's own."""
    body = msgspec.json.encode(value) if suffix == "json" else as_xml(root, value)
    more = {"Access-Control-Allow-Origin": "*", "Vary": "Accept-Language", **(headers or {})}
    return Response(body, status_code=status, media_type=MEDIA[suffix], headers=more)


def refused(suffix: str, refusal: Refusal) -> Response[bytes]:
    """403 for the key, 404 for what is not there, 400 for everything else; our own trouble keeps its status."""
    status = {401: 403, 409: 400, 415: 400, 422: 400}.get(refusal.status, refusal.status)
    says = [f"{name}: {say.zh} {say.en}" for name, say in refusal.fields.items()]
    errors = [{"code": str(status), "description": text} for text in says or [f"{refusal.say.zh} {refusal.say.en}"]]
    return answer(suffix, "errors", errors, status=status, headers={"Retry-After": "30"} if status == 503 else None)


def as_xml(root: str, value: Any) -> bytes:
    """The value as a document: dictionaries become elements, lists repeated ones, None an empty one."""
    top = ET.Element(root)
    _fill(top, value)
    found: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return found


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(ET.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ET.SubElement(element, ONE_OF[element.tag]), inner)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else _NO_XML.sub("", str(value))


def moment(at: datetime | None) -> str | None:
    """A moment on the city's clock with its zone: 2026-11-23T08:00:00+08:00."""
    return None if at is None else clock.local(at).isoformat(timespec="seconds")
