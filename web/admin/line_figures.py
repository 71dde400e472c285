"""Figures of lines among the city's records; the page itself is ``web.line_figures``."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from web import line_figures
from web.access import Who
from web.admin import words


@get("/admin/lines/figures", opt={"needs": "city.edit"})
async def all_lines(request: Request[Any, Any, Any], actor: Who) -> Response[Any]:
    """All lines side by side, and their sum."""
    return await line_figures.page(request, actor, "", "/admin/lines/figures", words.tabs(actor, "/admin/lines"))


@get("/admin/lines/{number:str}/figures", opt={"needs": "city.edit"})
async def one_line(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[Any]:
    """What came by one line."""
    at = f"/admin/lines/{number}/figures"
    return await line_figures.page(request, actor, number, at, words.tabs(actor, "/admin/lines"))


ROUTES = [all_lines, one_line]
