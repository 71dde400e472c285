"""Past hand-overs: the list, one note with its items; taking over, and items that are done."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import shift, shift_facts
from hotline import db
from hotline.errors import Refusal, Say
from web import fields
from web.access import Who
from web.filters import moment_in
from web.render import Flash, render, see_other
from web.shift.tabs import tabs

NEEDS = "shift.hold"
AnyRequest = Request[Any, Any, Any]


@get("/shift/notes", opt={"needs": NEEDS})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """交接记录, the latest first."""
    before = moment_in(request.query_params.get("before", ""))
    async with db.reading() as connection:
        found = await shift.notes(connection, before)
    older = found[shift.PAGE - 1].written_at if len(found) > shift.PAGE else None
    return render(
        request, "shift/notes.html", rows=found[: shift.PAGE], older=older, states=shift.STATES, shifts=shift.SHIFTS,
        tabs=tabs(actor, "/shift/notes"),
    )  # fmt: skip


@get("/shift/notes/{note:uuid}", opt={"needs": NEEDS})
async def one(request: AnyRequest, actor: Who, note: FromPath[UUID]) -> Response[str]:
    """One note as it was written, and what became of its items."""
    async with db.reading() as connection:
        found = await shift.one(connection, note, actor.id)
        items = await shift.items(connection, note)
    return render(
        request, "shift/note.html", one=found, items=items, states=shift.STATES, shifts=shift.SHIFTS,
        known=shift_facts.FACTS, tabs=tabs(actor, "/shift/notes"), back="",
    )  # fmt: skip


async def _done(request: AnyRequest, act: Awaitable[object], say: Say, back: str) -> Response[str]:
    try:
        await act
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return see_other(request, back, flash=Flash(refusal.say, "error"))
    return see_other(request, back, flash=say)


@post("/shift/notes/{note:uuid}/take", opt={"needs": NEEDS}, status_code=200)
async def take(request: AnyRequest, actor: Who, note: FromPath[UUID]) -> Response[str]:
    """接班."""
    say = Say("已接班，姓名和时间记下了。", "You took over; your name and the time are noted.")
    return await _done(request, shift.take(actor, note), say, "/shift")


@post("/shift/items/{item:uuid}/done", opt={"needs": NEEDS}, status_code=200)
async def done(request: AnyRequest, actor: Who, item: FromPath[UUID]) -> Response[str]:
    """办完了."""
    back = (await fields.posted(request)).get("back") or [""]
    own = back[0] if back[0].startswith("/shift") else "/shift"
    return await _done(request, shift.finish(actor, item), Say("已办完。", "Done."), own)


ROUTES = [listed, one, take, done]
