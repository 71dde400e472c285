"""The running promises behind a figure of the board; some can be chosen and acted on together."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import queries
from cases.wording import STAGES
from hotline import city, db
from hotline.errors import Say
from hotline.permissions import may
from sla import board, figures, forecast
from web import filters
from web import worklists as split
from web.access import Who
from web.render import render

HERE = "/board/promises"
HOURS = {str(hour): Say(f"今天 {hour} 点", f"today, {hour}:00 to {hour + 1}:00") for hour in range(24)}


def _units() -> dict[str, Say]:
    return {"-": split.unit_name("")} | {code: unit.name for code, unit in city.current().units.items()}


@get(HERE, opt={"needs": "board.read"})
async def promises(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Filters ``unit`` ("-" the centre), ``stage``, ``band``, ``hour`` of today; nearest due first."""
    f = filters.parse(
        HERE,
        request.query_params,
        [
            filters.Choice(key="unit", say=Say("承办", "Unit"), options=_units()),
            filters.Choice(key="stage", say=Say("环节", "Stage"), options=STAGES),
            filters.Choice(key="band", say=Say("时限", "Time"), options=figures.BANDS),
            filters.Choice(key="hour", say=Say("到期", "Due"), options=HOURS),
        ],
    )
    unit = {"": None, "-": ""}.get(f.get("unit"), f.get("unit"))
    async with db.reading() as connection:
        rows = await figures.promises(
            connection, actor, unit=unit, stage=f.get("stage"), band=f.get("band"),
            hour=int(f.get("hour")) if f.get("hour") else None,
            after=queries.read_cursor(f.after) if f.after else None,
        )  # fmt: skip
    shown = rows[: board.SIZE]
    older = f.url(after=f"{shown[-1].due_at.isoformat()}~{shown[-1].id}") if len(rows) > board.SIZE else ""
    return render(
        request, "boards/promises.html", region="#r-list", rows=shown, older=older, filters=f, chip=split.chip,
        marks_of=split.marks_of, unit_name=split.unit_name, title_of=split.title_of, stage_name=board.stage_name,
        bases=forecast.BASES, may_supervise=may(actor, "case.supervise"), bands=figures.BANDS, list_url=f.url(),
        list_band=f.get("band"),
    )  # fmt: skip


ROUTES = [promises]
