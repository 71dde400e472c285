"""The OpenAPI 3.1 document of /api/v1, made from the structs that the handlers read and write."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Response, get

from hotline.errors import Say
from hotline.permissions import PUBLIC
from web.partners import shapes

VERSION = "1.0"
JSON = "application/json"
FAILURES = {
    "400": Say("正文不是 JSON", "The body is no JSON"),
    "401": Say("没有有效密钥", "No key in force"),
    "403": Say("密钥没有这项权限", "The key does not open this"),
    "404": Say("没有，或不是您的", "Not there, or not yours"),
    "409": Say("现在不能这样做", "Not possible (any more)"),
    "413": Say("超过 64 KB", "More than 64 KB"),
    "415": Say("不是 application/json", "Not application/json"),
    "422": Say("有几处要改，各有一句话", "Fields to mend, each with a sentence"),
    "429": Say("这一分钟次数太多", "Too many calls this minute"),
    "503": Say("数据库暂时不在，请再试", "The database is away; try again"),
    "500": Say("我们出错了，回答里有编号", "Our fault; the answer has a number"),
}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: where, what it takes and gives, which scope it needs ("" for none), how it may fail."""

    method: str
    path: str
    say: Say
    scope: str
    takes: Any = None
    gives: dict[str, Any]
    fails: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    has_key: bool = False


_WRITES = ("400", "401", "403", "413", "415", "422", "429", "503", "500")
_READS = ("401", "403", "404", "422", "429", "503", "500")
CALLS = (
    Call(
        method="post", path="/api/v1/requests", scope="file", takes=shapes.Filing, has_key=True, fails=_WRITES,
        gives={"202": shapes.Filed, "200": shapes.Filed},
        say=Say(
            "提交诉求：202；同一件再来是 200 和同一编号。要有 origin_no 或 Idempotency-Key。",
            "File a request: 202, or 200 with the same number if it came before. Needs origin_no or Idempotency-Key.",
        ),
    ),
    Call(method="get", path="/api/v1/requests", scope="read", query=("origin_no",), gives={"200": shapes.State},
         fails=_READS, say=Say("按您的编号查办理情况。", "How the request with your own number stands.")),
    Call(method="get", path="/api/v1/requests/{number}", scope="read", gives={"200": shapes.State}, fails=_READS,
         say=Say("按我们的编号查您提交的一件。", "How one of your requests stands.")),
    Call(
        method="post", path="/api/v1/requests/{number}/words", scope="words", takes=shapes.Words, has_key=True,
        gives={"201": shapes.Done, "200": shapes.Done}, fails=(*_WRITES, "404", "409"),
        say=Say("补充诉求人的话；同样的再来是 200。", "Add the requester's words: 200 when the same came before."),
    ),
    Call(
        method="post", path="/api/v1/requests/{number}/rating", scope="rate", takes=shapes.Rating,
        gives={"201": shapes.Done, "200": shapes.Done}, fails=(*_WRITES, "404", "409"),
        say=Say("办结后转交评价；同样的再来是 200。",
                "Pass on the requester's rating, once it is closed: 200 when the same came before."),
    ),
    Call(method="get", path="/api/v1/matters", scope="", gives={"200": list[shapes.Matter]}, fails=("500",),
         say=Say("事项目录。", "The catalogue of matters.")),
    Call(method="get", path="/api/v1/jurisdictions", scope="", gives={"200": list[shapes.Jurisdiction]},
         fails=("500",), say=Say("区县和乡镇街道。", "Counties and districts with their townships.")),
    Call(method="get", path="/api/v1/units", scope="", gives={"200": list[shapes.Unit]}, fails=("500",),
         say=Say("承办单位。", "The units that handle requests.")),
    Call(method="get", path="/api/v1/health", scope="", gives={"200": shapes.Health}, fails=("500",),
         say=Say("现在收不收件。", "Whether requests are taken.")),
)  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The whole document; its schemas are those of the structs."""
    kinds = [kind for call in CALLS for kind in (*call.gives.values(), call.takes) if kind is not None]
    kinds.append(shapes.Failure)
    schemas, parts = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    told = dict(zip(map(str, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method] = _operation(call, told)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "12345 热线协作接口 / Hotline partner interface", "version": VERSION,
            "description": "Requests filed once, followed by their partner. Web hooks are signed as Standard Webhooks.",
        },
        "paths": paths,
        "components": {
            "schemas": parts,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }  # fmt: skip


def _operation(call: Call, told: dict[str, Any]) -> dict[str, Any]:
    name = call.path.removeprefix("/api/v1/").replace("/{number}", "_one").replace("/", "_")
    one: dict[str, Any] = {
        "operationId": f"{call.method}_{name}",
        "summary": call.say.en,
        "x-summary-zh": call.say.zh,
        "parameters": _parameters(call),
        "responses": {
            **{status: _answer("Done", told[str(kind)]) for status, kind in call.gives.items()},
            **{status: _answer(FAILURES[status].en, told[str(shapes.Failure)]) for status in call.fails},
        },
    }
    if call.takes is not None:
        one["requestBody"] = {"required": True, "content": {JSON: {"schema": told[str(call.takes)]}}}
    if call.scope:
        one["security"] = [{"bearer": []}, {"header": []}]
        one["description"] = f"Scope: {call.scope}."
    return one


def _answer(say: str, schema: Any) -> dict[str, Any]:
    return {"description": say, "content": {JSON: {"schema": schema}}}


def _parameters(call: Call) -> list[dict[str, Any]]:
    text = {"schema": {"type": "string"}}
    found = [{"name": "number", "in": "path", "required": True, **text}] if "{number}" in call.path else []
    found += [{"name": name, "in": "query", "required": True, **text} for name in call.query]
    if call.has_key:
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, **text})
    return found


@get("/api/v1/openapi.json", opt={"needs": PUBLIC, "is_hook": True})
async def served() -> Response[dict[str, Any]]:
    """The document."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    return Response(document(), headers=headers)


ROUTES = [served]
