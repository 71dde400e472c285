"""The list of transfers: emergencies and what others take, with their references. Nothing here waits for anybody."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases import transfers
from cases.wording import CHANNELS
from hotline import city, db, people
from hotline.actor import CITIZEN_ID, SYSTEM_ID
from hotline.errors import Say
from web import filters
from web.access import Who
from web.cases.choices_care import PETITION
from web.desk import related
from web.filters import Choice, moment_in
from web.render import render

_MACHINES = {SYSTEM_ID: Say("系统", "The system"), CITIZEN_ID: Say("诉求人", "The requester")}


def _choices() -> list[Choice]:
    snapshot = city.current()
    return [
        Choice(key="target", say=Say("转到", "To"), options=_known()),
        Choice(key="line", say=Say("线路", "Line"), options={n: one.name for n, one in snapshot.lines.items()}),
    ]


@get("/transfers", opt={"needs": "case.list"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """What was handed over, newest first."""
    wanted = filters.parse("/transfers", request.query_params, _choices())
    async with db.reading() as connection:
        rows = await transfers.listed(
            connection, actor, target=wanted.get("target"), line=wanted.get("line"), before=moment_in(wanted.after)
        )
    more, rows = len(rows) > transfers.SIZE, rows[: transfers.SIZE]
    names = await people.names({one.by for one in rows})
    return render(
        request, "cases/transfers.html", region="#r-list", rows=rows, filters=wanted, channels=CHANNELS,
        options={choice.key: choice.options for choice in wanted.choices}, names=names,
        older=wanted.url(after=rows[-1].at.isoformat()) if more else "", known=_known(),
        lines=city.current().lines, machines=_MACHINES,
    )  # fmt: skip


def _known() -> dict[str, Say]:
    """Everybody to whom something may have been handed, statutory channels and the petition bureau too, by name."""
    snapshot = city.current()
    petition = snapshot.unit(PETITION)
    named = related.targets(snapshot) | related.statutory(snapshot)
    return named | ({PETITION: petition.name} if petition else {})


ROUTES = [index]
