"""The meeting screen put together: the agenda on the left, on the right the item with all that one may see and do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from cases import queries
from cases.search import strip_personal
from cases.states import CASE_STATES
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.city_nouns import Unit
from hotline.errors import Refusal, Say
from hotline.permissions import may
from routing import conferences, minutes, precedents
from routing.conferences import HOLD, PLANNED, Item, Meeting
from routing.minutes import Entry
from sla import workbench
from web import forms, units
from web import worklists as split
from web.cases_access import view_for
from web.conferences import asks
from web.forms import Form
from web.render import render

AnyRequest = Request[Any, Any, Any]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A unit concerned and its position, if it wrote one."""

    unit: Say
    words: str
    at: Any


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The item on the right."""

    item: Item
    entry: Entry
    facts: split.Facts | None
    left: Any
    said: Sequence[Said]
    mine: Sequence[Unit]
    may_decide: bool
    may_edit: bool
    is_gone: bool
    state: Say


async def shown(
    request: AnyRequest,
    actor: Actor,
    identifier: UUID,
    item: UUID | None = None,
    *,
    name: str = "",
    form: Form[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response[str]:
    """The meeting; with ``form`` the one called ``name`` comes back filled, with its errors (422 or 409)."""
    if form is not None and refusal is not None:
        form.take(refusal)
    async with db.reading() as connection:
        meeting = await conferences.meeting_for(connection, actor, identifier)
        said = await minutes.read(connection, meeting)
    entries = {one.item.id: one for one in said.entries}
    chosen_id = item if item in entries else _first(meeting)
    chosen = await _choose(actor, meeting, entries[chosen_id]) if chosen_id is not None else None
    status = 200 if form is None else (refusal.status if refusal is not None else 422)
    made = _forms(meeting, chosen)
    if form is not None:
        made[name] = form
    is_planned = meeting.conference.state == PLANNED
    return render(
        request, "conferences/meeting.html", region="#r-meeting", status=status,
        focus="#r-errors" if form is not None else "", meeting=meeting, conference=meeting.conference,
        entries=said.entries, chosen=chosen, forms=made, wrong=name if form is not None else "",
        states=conferences.STATES, item_states=conferences.ITEM_STATES, scopes=precedents.SCOPES,
        is_chosen=item is not None, around=_around(meeting, chosen_id),
        is_holder=may(actor, HOLD), is_planned=is_planned, has_begun=meeting.conference.starts_at <= clock.now(),
        offered=units.choices(city.current()), unit_name=split.unit_name,
    )  # fmt: skip


def _around(meeting: Meeting, chosen: UUID | None) -> tuple[str, str, int]:
    """The addresses of the items before and after, and the place of the chosen one from 1."""
    ids = [one.id for one in meeting.items]
    if chosen is None:
        return "", "", 0
    at, base = ids.index(chosen), f"/conferences/{meeting.conference.id}?item="
    return (f"{base}{ids[at - 1]}" if at else "", f"{base}{ids[at + 1]}" if at + 1 < len(ids) else "", at + 1)


def _first(meeting: Meeting) -> UUID | None:
    """The first item that is still to be discussed, else the first."""
    waiting = [one.id for one in meeting.items if one.state == "open"]
    return next(iter([*waiting, *(one.id for one in meeting.items)]), None)


async def _choose(actor: Actor, meeting: Meeting, entry: Entry) -> Chosen:
    item = entry.item
    async with db.reading() as connection:
        is_seen = await queries.found(connection, actor, entry.number) is not None
        running = await workbench.nearest(connection, [item.case_id])
        state = await connection.fetchval("SELECT state FROM cases WHERE id = $1", item.case_id)
    view = await view_for(actor, entry.number) if is_seen else None
    is_open = meeting.conference.state == PLANNED and item.state == "open"
    written = {one.unit: one for one in meeting.positions.get(item.id, ())}
    words = {unit: one.words for unit, one in written.items()}
    if view is None:  # a unit that does not have the case reads what the minutes would say
        words = {unit: strip_personal(text) for unit, text in words.items()} if not entry.is_sealed else {}
    known = city.current().units
    return Chosen(
        item=item, entry=entry, facts=split.facts_of(view, actor) if view is not None else None,
        left=split.chip(running.get(item.case_id)) if is_seen else None,
        said=[
            Said(unit=split.unit_name(unit), words=words.get(unit, ""),
                 at=written[unit].written_at if unit in written else None)
            for unit in dict.fromkeys([*item.units, *written])
        ],
        mine=[known[unit] for unit in item.units if unit in actor.units and unit in known] if is_open else [],
        may_decide=is_open and may(actor, HOLD) and state == "in_conference" and view is not None,
        may_edit=is_open and may(actor, HOLD), is_gone=is_open and state != "in_conference",
        state=CASE_STATES[state],
    )  # fmt: skip


def _forms(meeting: Meeting, chosen: Chosen | None) -> dict[str, Form[Any]]:
    """Every form of the page, blank or with what is known."""
    one = meeting.conference
    made: dict[str, Form[Any]] = {
        "plan": forms.blank(asks.Plan, {"starts": one.starts_at, "place": one.place, "chair": one.chair}),
        "add": forms.blank(asks.AddCase), "cancel": forms.blank(asks.Cancel), "held": forms.blank(asks.Held),
        "roll": forms.blank(asks.Roll, {"present": [p.unit for p in meeting.participants if p.is_present]}),
        "precedent": forms.blank(asks.Precedent),
    }  # fmt: skip
    if chosen is not None:
        mine = {one.code for one in chosen.mine}
        own = next((p for p in meeting.positions.get(chosen.item.id, ()) if p.unit in mine), None)
        seq = chosen.facts.seq if chosen.facts is not None else None
        made["item"] = forms.blank(asks.EditItem, {"question": chosen.item.question, "units": chosen.item.units})
        made["position"] = forms.blank(asks.Position, {"words": own.words if own else ""})
        made["decision"] = forms.blank(asks.Decide, {"seq": seq})
    return made
