"""How the board knows what is likely to be late: the arithmetic in words, and what past promises took."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from hotline import city, db
from hotline.errors import Say
from sla import board, forecast
from web import worklists as split
from web.access import Who
from web.render import render


@get("/board/forecast", opt={"needs": "board.read"})
async def how(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """What is known by unit and stage; with ``unit`` also by matter."""
    unit = request.query_params.get("unit", "")
    unit = unit if unit in city.current().units else ""
    async with db.reading() as connection:
        kinds = await forecast.kinds(connection, actor, unit)
    rule = city.current().rule
    return render(
        request, "boards/forecast.html", region="#r-forecast", kinds=kinds, unit=unit, unit_name=split.unit_name,
        stage_name=board.stage_name, matter=_matter, threshold=forecast.threshold(), days=rule("board.forecast_days"),
        least=rule("board.forecast_least"), learnt=max((one.at for one in kinds), default=None),
    )  # fmt: skip


def _matter(code: str) -> Say:
    found = city.current().matter(code) if code != forecast.ANY else None
    return found.name if found else Say("全部事项", "All matters")


ROUTES = [how]
