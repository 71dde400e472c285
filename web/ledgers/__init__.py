"""The ledgers of what is planned, asked, waited for or unsolved, for supervisors, the centre and units."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from cases.states import CASE_STATES, CLOSE_REASONS
from hotline import city, clock, db
from hotline.permissions import may
from sla import ledgers
from web import units
from web.access import Who
from web.render import render
from web.worklists import title_of


@get("/ledgers", opt={"needs": "case.list"})
async def show(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """One ledger at a time: review dates, how long it stands, who has it."""
    asked = request.query_params.get("tab", "")
    tab, now = asked if asked in ledgers.TABS else "planned", clock.now()
    async with db.reading() as connection:
        lines = await ledgers.lines(connection, actor, tab)
        counts = await ledgers.counts(connection, actor, now)
    snapshot = city.current()
    return render(
        request, "ledgers/index.html", region="#r-list", lines=lines[: ledgers.SIZE], tab=tab, tabs=ledgers.TABS,
        is_cut=len(lines) > ledgers.SIZE, counts=counts, empty=ledgers.EMPTY[tab], now=now, actor=actor,
        states=CASE_STATES, close_reasons=CLOSE_REASONS, title_of=title_of, may_board=may(actor, "board.read"),
        unit_name=lambda code: units.name(snapshot, code),
        days=lambda at: (clock.local_day(now) - clock.local_day(at)).days,
    )  # fmt: skip


ROUTES: list[Any] = [show]
