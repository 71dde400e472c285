"""The chats that a case came from, for who may hear recordings (a noted act); the day's figures as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from channels import chat_figures, chats
from hotline import clock, db
from web.access import Who
from web.cases_access import view_for
from web.chat.desk import shown
from web.render import is_fragment, render

AnyRequest = Request[Any, Any, Any]
_OF_CASE = """
SELECT c.id, c.started_at, c.answer_s, c.outcome, c.wiped_at, p.name AS agent FROM chat_case x
JOIN chat c ON c.id = x.chat LEFT JOIN person p ON p.id = c.agent WHERE x.case_id = $1 ORDER BY c.started_at
"""

_HEAD = (
    "日期 day", "钟点 hour", "对话 chats", "应答 answered", "限时内应答 in time", "限时应答率 in-time rate %",
    "没人接、成件 became cases", "离开 left", "平均应答秒 mean seconds", "最长应答秒 longest seconds",
)  # fmt: skip


@get("/cases/{number:str}/chats", opt={"needs": "recording.play", "is_quiet": True})
async def of_case(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The chats of one case: a region of its page, and a page where scripts are off."""
    view = await view_for(actor, number)
    async with db.reading() as connection:
        rows = [dict(row) for row in await connection.fetch(_OF_CASE, view.case.id)]
    return render(
        request, "chat/of_case.html", region="#r-chats", rows=rows, number=number, outcomes=chats.OUTCOMES,
        is_region=is_fragment(request),
    )  # fmt: skip


@get("/chats/{chat:uuid}/transcript", opt={"needs": "recording.play"})
async def transcript(request: AnyRequest, actor: Who, chat: FromPath[UUID]) -> Response[str]:
    """What was said in a chat of somebody else; the reading is noted."""
    return await shown(request, actor, chat, is_mine=False)


@get("/floor/chats.csv", opt={"needs": "floor.read"})
async def as_csv(request: AnyRequest) -> Response[bytes]:
    """The day's chats for a spreadsheet: a row an hour."""
    try:
        day = min(max(date(2000, 1, 1), date.fromisoformat(request.query_params.get("day", ""))), clock.today())
    except ValueError:
        day = clock.today()
    async with db.reading() as connection:
        hours = await chat_figures.by_hour(connection, day)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for hour, one in sorted(hours.items()):
        writer.writerow([day, hour, one.n, one.answered, one.quick, _one(one.quick_rate), one.missed, one.left,
                         _one(one.mean_wait), one.longest_s])  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="chats-{day}.csv"', "Cache-Control": "no-store"}
    return Response(("\ufeff" + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


ROUTES = [of_case, transcript, as_csv]
