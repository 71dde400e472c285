"""The ratings of bodies before staff: a list for the centre, the unit's own with its answers, and both as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases import body_ratings, queries, states
from cases.body_ratings import BodyRating
from hotline import acts, cells, city, clock, db
from hotline.accounts import KINDS
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may
from sla import records
from web import filters, forms
from web import worklists as split
from web.access import Who
from web.accounts import asks
from web.accounts.common import AnyRequest
from web.render import render, see_other

MOST = 10_000
"""Lines of one CSV file."""
WAITING = {"waiting": Say("不满意、待答复", "Dissatisfied, to be answered")}


def asked(request: AnyRequest) -> filters.Filters:
    """What the address asks for."""
    snapshot = city.current()
    return filters.parse(
        "/body-ratings",
        request.query_params,
        [
            filters.Choice(key="unit", say=Say("单位", "Unit"), options={c: u.name for c, u in snapshot.units.items()}),
            filters.Choice(key="grade", say=Say("评价", "Grade"), options=states.GRADES),
            filters.Choice(key="only", say=Say("只看", "Only"), options=WAITING),
            filters.Choice(key="period", say=Say("月份", "Month")),
        ],
    )


def _wanted(f: filters.Filters) -> dict[str, Any]:
    since, until = _span(f.get("period"))
    return {
        "unit": f.get("unit"), "grade": f.get("grade"), "is_waiting": bool(f.get("only")), "since": since,
        "until": until,
    }  # fmt: skip


def _span(period: str) -> tuple[datetime | None, datetime | None]:
    if not period:
        return None, None
    first, end = records.month(period)
    return clock.on(first), clock.on(end)


@get("/body-ratings", opt={"needs": "case.list"})
async def body_ratings_page(request: AnyRequest, actor: Who) -> Response[str]:
    """The ratings within one's reach, the last first; a unit's people have seen theirs by this."""
    return await _page(request, actor)


async def _page(
    request: AnyRequest,
    actor: Actor,
    form: forms.Form[asks.BodyReply] | None = None,
    rating: UUID | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    f = asked(request)
    after = queries.read_cursor(f.after) if f.after else body_ratings.START
    async with db.atomic() as connection:
        found = await body_ratings.seen(connection, actor, after=after, **_wanted(f))
        await body_ratings.show(connection, actor, found[: body_ratings.SIZE])
    rows = found[: body_ratings.SIZE]
    older = f.url(after=f"{rows[-1].at.isoformat()}~{rows[-1].id}") if len(found) > body_ratings.SIZE else ""
    return render(
        request, "accounts/body_list.html", region="#r-list", status=status, filters=f, rows=rows, older=older,
        grades=states.GRADES, states=body_ratings.STATES, unit_name=split.unit_name, kinds=KINDS, form=form,
        rating=rating, blank=forms.blank(asks.BodyReply), may_reply=may(actor, "case.handle"),
        has_board=may(actor, "board.read"), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/body-ratings/{rating:uuid}/reply", opt={"needs": "case.handle"}, status_code=200)
async def reply_body(request: AnyRequest, actor: Who, rating: FromPath[UUID]) -> Response[str]:
    """The unit answers a dissatisfied rating; its holder reads the answer under 我的."""
    form = await forms.read(request, asks.BodyReply)
    if form.is_good:
        try:
            async with db.atomic() as connection:
                await body_ratings.reply(connection, actor, rating, form.good.reply)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            form.take(refusal)
            return await _page(request, actor, form, rating, status=refusal.status)
        return see_other(request, "/body-ratings", flash=Say("答复已发给评议的人。", "The answer is with the rater."))
    return await _page(request, actor, form, rating, status=422)


@get("/body-ratings.csv", opt={"needs": "board.read"})
async def body_ratings_csv(request: AnyRequest, actor: Who) -> Response[bytes]:
    """The same list as a file for a spreadsheet; that it was made is noted."""
    async with db.atomic() as connection:
        rows = await body_ratings.seen(connection, actor, size=MOST, **_wanted(asked(request)))
        await acts.note(connection, actor, "export.made", "body_ratings", {"rows": len(rows)})
    headers = {"Content-Disposition": 'attachment; filename="body-ratings.csv"', "Cache-Control": "no-store"}
    return Response(sheet(rows), media_type="text/csv; charset=utf-8", headers=headers)


def sheet(rows: Sequence[BodyRating]) -> bytes:
    """The rows as CSV."""
    head = ["时间 at", "单位代码 unit", "单位 name", "门户 portal", "账户 account", "评价 grade", "状态 state",
            "人员或窗口 about", "想说的话 words", "答复 reply"]  # fmt: skip
    return cells.sheet([head, *(
        [clock.local(one.at).strftime("%Y-%m-%d %H:%M"), one.unit, split.unit_name(one.unit).zh, one.portal or "",
         KINDS[one.rater_kind].zh, states.GRADES[one.grade].zh, body_ratings.STATES[one.state].zh,
         one.about, one.words, one.reply]
        for one in rows
    )])  # fmt: skip
