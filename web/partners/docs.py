"""The interface as a plain page, made from its OpenAPI document: nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from channels import webhooks
from hotline.errors import Say
from hotline.permissions import PUBLIC
from web.partners import openapi
from web.render import render


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a body: its name, kind, default and remark."""

    name: str
    kind: str
    is_required: bool
    remark: Say


@get("/api/v1/docs", opt={"needs": PUBLIC})
async def page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every call with its fields, its answers and an example."""
    schemas = openapi.document()["components"]["schemas"]
    calls = [(call, _fields(schemas, call.takes), _given(schemas, call)) for call in openapi.CALLS]
    return render(
        request, "public/api.html", calls=calls, failures=openapi.FAILURES, events=webhooks.EVENTS,
        hook=_fields_of(msgspec.json.schema_components([webhooks.Told])[1]["Told"]),
    )  # fmt: skip


def _given(schemas: dict[str, Any], call: openapi.Call) -> list[Field]:
    """The fields of the first answer, or of one of its list."""
    kind = next(iter(call.gives.values()))
    return _fields(schemas, getattr(kind, "__args__", [kind])[0])


def _fields(schemas: dict[str, Any], kind: Any) -> list[Field]:
    return _fields_of(schemas[kind.__name__]) if kind is not None else []


def _fields_of(schema: dict[str, Any]) -> list[Field]:
    needed = set(schema.get("required", ()))
    return [
        Field(name=name, kind=_kind(one), is_required=name in needed, remark=_remark(one))
        for name, one in schema["properties"].items()
    ]


def _remark(one: dict[str, Any]) -> Say:
    en = one.get("description", "")
    return Say(one.get("x-zh", en), en)


def _kind(one: dict[str, Any]) -> str:
    if "enum" in one:
        return " · ".join(map(str, one["enum"]))
    if "$ref" in one:
        return str(one["$ref"]).rpartition("/")[2]
    if "anyOf" in one:
        return " / ".join(_kind(part) for part in one["anyOf"])
    if one.get("type") == "array":
        return f"[{_kind(one['items'])}]"
    return str(one.get("format") or one.get("type", ""))


ROUTES = [page]
