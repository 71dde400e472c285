"""The shift now: notes to take over, what is open, the own draft; handing over."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from channels import shift, shift_facts, surge
from hotline import clock, db, jobs
from hotline.actor import Actor
from hotline.errors import Say
from web import forms
from web.access import Who
from web.forms import Form
from web.render import is_fragment, render, see_other
from web.shift.asks import Handover
from web.shift.tabs import tabs
from web.trying import tried

NEEDS = "shift.hold"
AnyRequest = Request[Any, Any, Any]


@get("/shift", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who) -> Response[str]:
    """当班: what the shift before left, what is open at this moment, and the own hand-over in the making."""
    return await _shown(request, actor)


async def _shown(
    request: AnyRequest, actor: Actor, form: Form[Handover] | None = None, *, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        held = await shift.draft(connection, actor.id)
        waiting = await shift.waiting(connection)
        left = {one.id: await shift.items(connection, one.id) for one in waiting}
        open_items = await shift.open_items(connection)
        facts = await shift_facts.now(connection)
        on = await surge.current(connection)
    if form is None:
        start = {"items": "\n".join(one.words for one in held[1]), "watch": held[0].watch} if held else {}
        form = forms.blank(Handover, {**start, "carried": [one.id for one in open_items]})
    name, day = shift.shift_of(clock.now())
    return render(
        request, "shift/index.html", region="#r-shift", status=status, form=form, held=held[0] if held else None,
        waiting=waiting, left=left, open_items=open_items, facts=facts, known=shift_facts.FACTS, on=on, whys=surge.WHYS,
        shifts=shift.SHIFTS, shift_now=name, day=day, tabs=tabs(actor, "/shift"), live="shift,surge",
    )  # fmt: skip


@post("/shift/draft", opt={"needs": NEEDS, "is_quiet": True}, status_code=200)
async def save(request: AnyRequest, actor: Who) -> Response[str]:
    """存草稿: as it is typed, and by the button."""
    form = await forms.read(request, Handover)

    async def do(given: Handover) -> None:
        async with db.atomic() as connection:
            await shift.save(connection, actor, given.items, given.watch)

    status, _ = await tried(form, do)
    if is_fragment(request):
        say = next(iter(form.errors.values()), None)
        return render(request, "shift/saved.html", region="#r-saved", saved_at=clock.now(), wrong=say)
    if status != 200:
        return await _shown(request, actor, form, status=status)
    return see_other(request, "/shift", flash=Say("草稿已存。", "The draft is kept."))


@post("/shift/handover", opt={"needs": NEEDS}, status_code=200)
async def write(request: AnyRequest, actor: Who) -> Response[str]:
    """交班."""
    form = await forms.read(request, Handover)

    async def do(given: Handover) -> None:
        async with db.atomic() as connection:
            facts = await shift_facts.now(connection)
            await shift.write(
                connection, actor, text=given.items, watch=given.watch, carried=given.carried, facts=facts
            )

    status, _ = await tried(form, do)
    if status != 200:
        return await _shown(request, actor, form, status=status)
    await jobs.publish("live", shift.NAME)
    say = Say("已交班，等下一班确认接班。", "Handed over; the next shift confirms that it took over.")
    return see_other(request, "/shift/notes", flash=say)


ROUTES = [page, save, write]
