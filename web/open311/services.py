"""Discovery, the services (leaves of the catalogue) and their definitions."""

from __future__ import annotations

from typing import Any

from channels import open311
from hotline import city, settings
from hotline.city_nouns import Matter
from hotline.errors import Refusal, Say

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-25T00:00:00+08:00"
"""When the shape of this endpoint last changed."""


def no_service() -> Refusal:
    """404 for a code that is none of today's."""
    return Refusal(404, "service_code", Say("没有这个 service_code。", "No such service_code."))


def discovery(base: str) -> dict[str, Any]:
    """Where to find what, in which forms. ``base`` is the address this was asked at, unless the city's is set."""
    url = f"{(settings.current().public_url or base).rstrip('/')}/open311/v2"
    return {
        "changeset": CHANGED,
        "contact": "12345",
        "key_service": "向热线管理员申请密钥 / Ask the hotline's administrator for a key: 12345",
        "endpoints": [
            {
                "specification": SPECIFICATION, "url": url, "changeset": CHANGED, "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }  # fmt: skip


def listed(lang: str) -> list[dict[str, Any]]:
    """Every matter of today as a service."""
    return [_service(one, lang) for one in city.current().matters.values()]


def _service(one: Matter, lang: str) -> dict[str, Any]:
    words = [one.l1_zh, one.l2_zh, one.l3_zh, one.l3_en]
    return {
        "service_code": one.code,
        "service_name": one.name.in_(lang),
        "description": one.path.in_(lang),
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in words),
        "group": one.l1_en if lang == "en" else one.l1_zh,
    }


def definition(code: str, lang: str) -> dict[str, Any]:
    """What the service asks. Raises 404."""
    if open311.matter_of(code) is None:
        raise no_service()
    asked = [_attribute(one, order, lang) for order, one in enumerate(open311.ATTRIBUTES, 1)]
    return {"service_code": code, "attributes": asked}


def _attribute(one: open311.Attribute, order: int, lang: str) -> dict[str, Any]:
    return {
        "variable": True,
        "code": one.code,
        "datatype": one.datatype,
        "required": False,
        "datatype_description": one.hint.in_(lang),
        "order": order,
        "description": one.say.in_(lang),
        "values": [{"key": key, "name": say.in_(lang)} for key, say in one.values.items()],
    }
