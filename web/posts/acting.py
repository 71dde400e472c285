"""Asking somebody to act for oneself, or an administrator for another; ending it at once."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from channels import reminders_unit
from hotline import clock, db, delegations, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work, work
from web import forms
from web.access import Who
from web.forms import label
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
SIGNED_IN = {"needs": "signed_in"}
AT = "/acting"


class Acting(msgspec.Struct, kw_only=True):
    """Who acts, from day to day; ``person`` is for whom, "" oneself."""

    delegate: Annotated[UUID, label("请谁代办", "Who acts", missing=Say("请选一位同事。", "Choose a colleague."))]
    first: Annotated[date, label("从哪天起", "From")]
    last: Annotated[date, label("到哪天止", "Until, that day included")]
    person: UUID | None = None


def _whose(actor: Actor, person: UUID | None) -> UUID:
    """For whom; 404 for another's unless the actor keeps the people."""
    if person is not None and person != actor.id and not may(actor, "people.edit"):
        raise not_found()
    return person or actor.id


async def _page(
    request: AnyRequest, actor: Actor, person: UUID, form: forms.Form[Acting] | None = None, status: int = 200
) -> Response[str]:
    one = await people.one(person)
    async with db.reading() as connection:
        found = await delegations.of(connection, person)
        near = await delegations.candidates(connection, person)
    return render(
        request, "posts/acting.html", region="#r-acting", status=status, focus="#r-errors" if status != 200 else "",
        one=one, is_own=person == actor.id, found=found, today=clock.today(),
        form=form or forms.blank(Acting, {"first": clock.today()}),
        near={str(other.id): Say(other.name, other.name) for other in near},
    )  # fmt: skip


@get(AT, opt=SIGNED_IN)
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Who acts for me and for whom I do; ``person`` for an administrator."""
    text = request.query_params.get("person", "")
    try:
        person = UUID(text) if text else None
    except ValueError:
        raise not_found() from None
    return await _page(request, actor, _whose(actor, person))


@post(AT, opt=SIGNED_IN, status_code=200)
async def make(request: AnyRequest, actor: Who) -> Response[str]:
    """Let a colleague act, from day to day."""
    form = await forms.read(request, Acting)
    given = form.text("person")
    person = _whose(actor, UUID(given) if given and form.is_good else None)
    if not form.is_good:
        return await _page(request, actor, person, form, 422)
    try:
        async with work(actor) as w:
            good = form.good
            await delegations.make(w.connection, actor, person, good.delegate, good.first, good.last)
            await _tell(w, person, good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return await _page(request, actor, person, form, refusal.status)
    say = Say("已授权，对方换岗位后就能代办。", "They may act from that day on.")
    return see_other(request, _at(actor, person), flash=say)


async def _tell(w: Work, person: UUID, made: Acting) -> None:
    """Whoever acts hears of it, and the one acted for when it was not their own doing."""
    both = await people.names({person, made.delegate})
    name, other, days = both[person], both[made.delegate], f"{made.first} – {made.last}"
    asked = Say(f"{name}请您代办（{days}），到“岗位”里换岗", f"You may act for {name} ({days}): see Posts")
    says = {made.delegate: asked}
    if person != w.actor.id:
        says[person] = Say(f"管理员已请{other}代您办（{days}）", f"An administrator lets {other} act for you ({days})")
    for one, say in says.items():
        await reminders_unit.to_person(w, one, "acting_made", say, f"acting_made:{new_id()}")


@post("/acting/{delegation:uuid}/end", opt=SIGNED_IN, status_code=200)
async def end(request: AnyRequest, actor: Who, delegation: FromPath[UUID]) -> Response[str]:
    """End it at once, also where it is being used."""
    async with db.atomic() as connection:
        person = await delegations.end(connection, actor, delegation)
    at = _at(actor, person if may(actor, "people.edit") else actor.id)
    return see_other(request, at, flash=Say("代办已结束。", "Ended."))


def _at(actor: Actor, person: UUID) -> str:
    return AT if person == actor.id else f"{AT}?person={person}"


ROUTES = [index, make, end]
