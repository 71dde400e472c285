"""The addresses of GeoReport v2 under /open311: one handler, for the suffix decides the form of every answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from litestar import HttpMethod, Request, Response, route
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from channels import open311
from hotline import db
from hotline.errors import Refusal, Say, not_found, unavailable
from hotline.permissions import PUBLIC
from web import failures, fields
from web.open311 import filing, listing, services, wire

_Request: TypeAlias = Request[Any, Any, Any]
_PATH = re.compile(r"/?(?:v2/)?(?P<what>discovery)|/?v2/(?P<name>services|requests|tokens)(?:/(?P<key>[^/]{1,100}))?")


@route(
    "/open311/{rest:path}", http_method=[HttpMethod.GET, HttpMethod.POST], opt={"needs": PUBLIC, "is_hook": True},
    status_code=200,
)  # fmt: skip
async def georeport(request: _Request, rest: FromPath[str]) -> Response[bytes]:
    """All six methods and discovery; whatever goes wrong is told in the form that was asked for."""
    path, _, suffix = str(rest).rpartition(".")
    if suffix not in wire.MEDIA:
        return wire.refused("xml", not_found())
    try:
        return await _answered(request, path, suffix)
    except Refusal as refusal:
        return wire.refused(suffix, refusal)
    except HTTPException as error:
        status = 413 if error.status_code == 413 else 400
        say = failures.SAY.get(status, failures.SAY[400])
        return wire.refused(suffix, Refusal(status, "http", say))
    except Exception as error:
        if not failures.is_away(error):
            raise
        return wire.refused(suffix, unavailable())


async def _answered(request: _Request, path: str, suffix: str) -> Response[bytes]:
    match = _PATH.fullmatch(path)
    if match is None:
        raise not_found()
    what, key, lang = match["what"] or match["name"], match["key"] or "", _lang(request)
    if request.method == "POST":
        if what != "requests" or key:
            raise Refusal(405, "method", Say("这个地址只能用 GET。", "This address takes GET only."))
        told, status = await filing.filed(await fields.posted(request), _query(request))
        return wire.answer(suffix, "service_requests", told, status=status)
    if what == "discovery":
        return wire.answer(suffix, "discovery", services.discovery(str(request.base_url)))
    query = _query(request)
    open311.county_of(query.get("jurisdiction_id", ""))
    if what == "services":
        if key:
            return wire.answer(suffix, "service_definition", services.definition(key, lang))
        return wire.answer(suffix, "services", services.listed(lang))
    async with db.reading() as connection:
        if what == "tokens":
            return wire.answer(suffix, "service_requests", await filing.of_token(connection, fields.clean(key)))
        if key:
            told = await listing.one(connection, fields.clean(key), query, lang)
            return wire.answer(suffix, "service_requests", told)
        told, after = await listing.listed(connection, query, lang)
    headers = {"Link": f'<{_next(request, after)}>; rel="next"'} if after else None
    return wire.answer(suffix, "service_requests", told, headers=headers)


def _query(request: _Request) -> Mapping[str, str]:
    """What the address says, cleaned; null and empty are not sent, the last of several counts."""
    given = {name: fields.clean(str(value)) for name, value in request.query_params.items()}
    return {name: value for name, value in given.items() if value and value.lower() != "null"}


def _lang(request: _Request) -> str:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def _next(request: _Request, after: str) -> str:
    kept = {name: value for name, value in _query(request).items() if name not in {"page", "before", "api_key"}}
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in {**kept, "before": after}.items())
    return f"{request.url.path}?{query}"


ROUTES = [georeport]
