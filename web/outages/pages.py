"""The staff's list of outages, the form of a new one, and one with its history and its callers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from cases import outage_areas, outage_words, outages
from cases.outage_rows import CHANGES, KINDS, STATES, Outage
from cases.states import CASE_STATES
from channels import outage_callers
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.outages import asks
from web.render import render

AnyRequest = Request[Any, Any, Any]
READ, EDIT, CALL = "knowledge.read", "outage.edit", "call.take"
ACTS: dict[str, tuple[Say, type[Any]]] = {
    "end": (Say("恢复了", "It is over"), asks.End),
    "move": (Say("改预计恢复时间", "Move the expected end"), asks.Move),
    "correct": (Say("更正", "Correct it"), asks.Notice),
    "again": (Say("没有恢复，继续停供", "Not over: it goes on"), asks.Again),
    "withdraw": (Say("撤回（登记错了）", "Withdraw it: it was wrong"), asks.Withdraw),
}
"""What may be done, in the order in which it is offered; one form stands open at a time."""
CENTRE = frozenset({"shift_supervisor", "coordination"})
_ON = ("end", "move", "correct", "withdraw")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An outage in the list."""

    one: Outage
    counts: outage_callers.Counts
    where: Say


@get("/outages", opt={"needs": READ})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """Those under way first; those over and withdrawn by their tab."""
    query = request.query_params
    state = query.get("state", "on") if query.get("state", "on") in STATES else "on"
    kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
    async with db.reading() as connection:
        rows = await outages.listed(connection, state=state, kind=kind)
        counts = await outage_callers.counts(connection, [one.id for one in rows])
    lines = [
        Line(one=one, counts=counts.get(one.id, outage_callers.Counts()), where=outage_areas.say_all(one.areas))
        for one in rows
    ]
    return render(
        request, "outages/index.html", region="#r-list", lines=lines, state=state, kind=kind, kinds=KINDS,
        states=STATES, at=clock.now(), unit_name=split.unit_name, may_enter=may(actor, EDIT),
    )  # fmt: skip


@get("/outages/new", opt={"needs": EDIT})
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form of a new notice: sudden, since now, of the person's own unit."""
    own = "" if actor.roles & CENTRE or actor.unit not in units_of(actor) else actor.unit
    start = {"planned": "sudden", "since": clock.now(), "unit": own}
    kind = next((kind for kind, unit in asks.UNITS.items() if unit == actor.unit), "")
    return entered(request, actor, forms.blank(asks.Notice, {**start, "kind": kind or None}))


def entered(
    request: AnyRequest, actor: Actor, form: Form[asks.Notice], status: int = 200
) -> Response[str]:
    """The form, blank or given back with what is wrong."""
    return render(
        request, "outages/new.html", region="#r-outage", status=status, form=form, kinds=KINDS, planned=asks.PLANNED,
        units=units_of(actor), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def units_of(actor: Actor) -> dict[str, Say]:
    """Whose outages this person may enter: their own units', or for the centre those of the utilities and counties."""
    found = {code: one.name for code, one in city.current().units.items() if one.is_on and one.tier <= 3}
    if actor.roles & CENTRE:
        first = {code: found[code] for code in asks.UNITS.values() if code in found}
        return {**first, **found}
    utilities = set(asks.UNITS.values()) if "county_office" in actor.roles else set()
    return {code: say for code, say in found.items() if code in actor.units or code in utilities}


@get("/outages/{outage:uuid}", opt={"needs": READ})
async def show(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """One with what is said of it, its history, its callers, and the act that ``?act=`` names open."""
    return await shown(request, actor, outage)


async def shown(
    request: AnyRequest, actor: Actor, outage: UUID, *, name: str = "", form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page; with ``form`` an act that was refused comes back filled."""
    async with db.reading() as connection:
        one = await outages.one(connection, outage)
        history = (await outages.changes(connection, [outage])).get(outage, [])
        callers = await outage_callers.listed(connection, actor, outage)
        tallies = (await outage_callers.counts(connection, [outage])).get(outage, outage_callers.Counts())
    may_do = _doable(one, actor)
    asked = name or request.query_params.get("act", "")
    act = asked if asked in may_do else ""
    return render(
        request, "outages/show.html", region="#r-outage", status=status, one=one, act=act, acts=ACTS, may_do=may_do,
        form=form or forms.blank(ACTS[act][1] if act else asks.End, _start(act, one)), history=history,
        callers=callers, tallies=tallies, title=outage_words.title(one), answer=outage_words.answer(one, clock.now()),
        names=await people.names({change.by for change in history}), unit_name=split.unit_name, kinds=KINDS,
        planned=asks.PLANNED, states=STATES, changes=CHANGES, case_states=CASE_STATES, units=units_of(actor),
        area_say=outage_areas.say, at=clock.now(), may_call=may(actor, CALL), hidden=tallies.linked - len(callers),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _doable(one: Outage, actor: Actor) -> tuple[str, ...]:
    if not (may(actor, EDIT) and outages.may_edit(actor, one.unit, one.areas)):
        return ()
    return _ON if one.is_on else ("again",) if one.state == "over" else ()


def _start(act: str, one: Outage) -> dict[str, object]:
    """What the form of an act begins with."""
    start: dict[str, object] = {"revision": one.revision}
    if act == "correct":
        areas = "\n".join(outage_areas.line(area) for area in one.areas)
        return start | {
            "kind": one.kind, "planned": "planned" if one.is_planned else "sudden", "unit": one.unit,
            "since": one.since, "expected": one.expected, "areas": areas, "cause": one.cause, "note": one.note,
            "source": one.source,
        }  # fmt: skip
    if act == "move":
        start["expected"] = one.expected
    return start


ROUTES = [listed, blank, show]
