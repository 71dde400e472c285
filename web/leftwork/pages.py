"""离岗交接: what people who left have open, who has it now; one act hands over one thing, or all of a person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post

from cases import scope
from channels import left_handing, left_work
from channels.left_work import Item, Leaver
from hotline import db, reach, roster
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may, refused
from hotline.work import Work
from web import forms, trying
from web.access import Who
from web.admin import words
from web.forms import label
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
SIGNED_IN = {"needs": "signed_in"}
AT = "/left-work"
EVERYWHERE = ("people.edit", "case.supervise")
"""Permissions with which one sees everybody who left; heads and shift supervisors see those of their units."""
OWN = ("case.approve", "shift.hold")


class Handing(msgspec.Struct, kw_only=True):
    """What is handed on: the keys of the things chosen, or ``all`` of the person's; to whom, or ``pool``."""

    person: UUID
    items: Annotated[tuple[str, ...], label("哪些", "Which")] = ()
    to: Annotated[UUID | None, label("交给谁", "To whom")] = None
    how: Annotated[str, label("怎么办", "How")] = "chosen"

    def check(self) -> dict[str, Say]:
        """Something is chosen, and somebody, unless it goes back to the pool."""
        wrong: dict[str, Say] = {}
        if self.how in ("chosen", "pool") and not self.items:
            wrong["items"] = Say("请先勾选要交的。", "Tick what is to be handed on.")
        if self.how != "pool" and self.to is None:
            wrong["to"] = Say("请选交给谁。", "Choose to whom.")
        return wrong


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """One who left, what is open, and who may take it."""

    who: Leaver
    items: Sequence[Item]
    near: dict[str, Say]


def reach_of(actor: Actor) -> tuple[str, ...] | None:
    """The units whose leavers the actor sees; None is every unit, () none."""
    if any(may(actor, need) for need in EVERYWHERE):
        return None
    return actor.units if any(may(actor, need) for need in OWN) else ()


async def lists(connection: db.Connection, actor: Actor) -> list[Left]:
    """Each leaver of the actor's units with something open."""
    units = reach_of(actor)
    whose = await left_work.leavers(connection, units) if units is None or units else []
    found = await _shown(connection, actor, await left_work.of(connection, [one.id for one in whose]))
    return [
        Left(who=one, items=own, near={str(other.id): Say(other.name, other.name)
             for other in await roster.near(connection, one.unit, but=one.id)})
        for one in whose if (own := [item for item in found if item.person == one.id])
    ]  # fmt: skip


_SEALED = """
    SELECT c.id FROM cases c WHERE c.id = ANY($1) AND (c.kind = 'report' OR c.is_confidential) AND ({}) IS NOT TRUE
"""


async def _shown(connection: db.Connection, actor: Actor, items: Sequence[Item]) -> list[Item]:
    """The things as this actor may see them: of a sealed case that is not theirs only that there is something."""
    text, args = scope.condition(actor, 2)
    ids = [one.case_id for one in items if one.case_id is not None]
    sealed = {row["id"] for row in await connection.fetch(_SEALED.format(text), ids, *args)} if ids else set()
    return [msgspec.structs.replace(one, name="", url="") if one.case_id in sealed else one for one in items]


async def _page(
    request: AnyRequest, actor: Actor, form: forms.Form[Handing] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        left = await lists(connection, actor)
        mine = await _shown(connection, actor, await left_work.given_to(connection, actor.id))
        away = await reach.stood_in_for(connection, actor.id)
        theirs = await _shown(connection, actor, await left_work.of(connection, [one.person_id for one in away]))
    return render(
        request, "leftwork/index.html", region="#r-left", status=status, focus="#r-errors" if status != 200 else "",
        left=left, mine=mine, away=away, theirs=theirs, form=form or forms.blank(Handing), words=words,
        may_hand=reach_of(actor) != (), reads=may(actor, "case.read"),
    )  # fmt: skip


@get(AT, opt=SIGNED_IN)
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """What was handed to me, whom I stand in for, and, for heads and supervisors, what people left."""
    return await _page(request, actor)


@post(AT, opt=SIGNED_IN, status_code=200)
async def hand(request: AnyRequest, actor: Who) -> Response[str]:
    """Hand on what is ticked, or all of a person's, to somebody; or what is ticked back to the pool."""
    if reach_of(actor) == ():
        raise refused("case.approve")
    form = await forms.read(request, Handing)

    async def go(work: Work, good: Handing) -> int:
        return await _hand(work, actor, good)

    status, n = await trying.worked(actor, form, go)
    if status != 200:
        return await _page(request, actor, form, status)
    return see_other(request, AT, flash=Say(f"已交接 {n} 项。", f"{n} handed on."))


async def _hand(work: Work, actor: Actor, good: Handing) -> int:
    own = next((one for one in await lists(work.connection, actor) if one.who.id == good.person), None)
    if own is None:
        raise not_found()
    chosen = own.items if good.how == "all" else [one for one in own.items if one.key in good.items]
    return await left_handing.hand(work, good.person, chosen, None if good.how == "pool" else good.to)


ROUTES = [index, hand]
