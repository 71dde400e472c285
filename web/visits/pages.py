"""The addresses of the screen of return visits."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from web.access import Who
from web.visits import desk


@get("/visits", opt={"needs": "case.visit"})
async def visits(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Whom to call: ``band`` is now, later or close; ``r`` chooses a receipt number, else the first is chosen."""
    query = request.query_params
    return await desk.show(request, actor, query.get("r", ""), query.get("band", "now"))


@get("/visits/{receipt:str}", opt={"needs": "case.visit"})
async def one(request: Request[Any, Any, Any], actor: Who, receipt: FromPath[str]) -> Response[str]:
    """One request, also when it is on no list of this person: then the page says why it cannot be done."""
    return await desk.show(request, actor, receipt, request.query_params.get("band", "now"))
