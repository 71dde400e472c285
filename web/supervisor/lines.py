"""Figures of lines for those who watch the board; the page itself is ``web.line_figures``."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from web import line_figures
from web.access import Who


@get("/board/lines/figures", opt={"needs": "board.read"})
async def all_lines(request: Request[Any, Any, Any], actor: Who) -> Response[Any]:
    """All lines side by side, within the viewer's reach."""
    return await line_figures.page(request, actor, "", "/board/lines/figures", [])


@get("/board/lines/{number:str}/figures", opt={"needs": "board.read"})
async def one_line(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[Any]:
    """What came by one line, within the viewer's reach."""
    return await line_figures.page(request, actor, number, f"/board/lines/{number}/figures", [])


ROUTES = [all_lines, one_line]
