"""为什么是这天: the date that a requester was told, explained in their words; no staff name, no profile."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import track
from hotline import city, db
from hotline.errors import not_found
from hotline.permissions import PUBLIC
from sla import calendar, explain, history, pausing
from web import why_date
from web.public.pass_cookie import UNSTORED, has_pass
from web.render import render, see_other


@get("/track/{number:str}/why", opt={"needs": PUBLIC})
async def why(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[str]:
    """The days from the start to the date, for the browser that has shown the receipt's code."""
    if not has_pass(request.scope, number):
        return see_other(request, "/track")
    async with db.reading() as connection:
        found = await track.read(connection, number)
        clock_id = found.clock if found is not None else None
        row = await why_date.clock_of(connection, clock_id) if clock_id is not None else None
        law = await connection.fetchval("SELECT law FROM cases WHERE id = $1", found.case_id) if found else None
    if row is None:
        raise not_found()
    working, promise = calendar.of_unit(city.current(), row.unit), pausing.promise_of(row)
    acts = [
        msgspec.structs.replace(act, by="") if isinstance(act, history.Extension) else act
        for act in history.read(row.history)
    ]
    ground = why_date.ground_of(law, row)
    return render(
        request, "public/why.html", headers=UNSTORED, number=number, row=row,
        sentence=explain.told(working, promise, acts, ground), **why_date.drawn(working, promise, acts),
    )  # fmt: skip
