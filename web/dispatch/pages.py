"""The dispatcher's desk as one screen; its acts are posted to the case's own addresses and come back here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get

from cases import queries, worklists
from cases.views import CaseView
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Say
from hotline.permissions import may
from routing import proposals
from sla import calendar, clocks, workbench
from sla.targets import PROFILES, Promise
from web import worklists as split
from web.access import Who
from web.cases import acts
from web.cases_access import view_for
from web.render import render
from web.timeleft import Term, TimeLeft, time_left

TABS: dict[str, Say] = {
    "dispatch": Say("待派", "To dispatch"),
    "returns": Say("退回", "Returns"),
    "objections": Say("异议、协办", "Objections, co-handlers"),
    "accept": Say("待受理", "To accept"),
}
EMPTY: dict[str, Say] = {
    "dispatch": Say(
        "没有待派的，按目录派不出去的会来到这里。", "Nothing to dispatch; what the catalogue cannot place comes here."
    ),
    "returns": Say("没有单位申请退回。", "No unit asks to return a case."),
    "objections": Say("没有异议，也没有协办申请。", "No objections, and nothing asked about co-handlers."),
    "accept": Say("没有待受理的。", "Nothing waits to be accepted."),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Beside the unit's request to return, which the act's form quotes: its clock, which runs on, and the count."""

    unit: Say
    left: TimeLeft | None
    returns: int
    most: int


class Chosen(msgspec.Struct, kw_only=True):
    """The case on the right with what its tab needs."""

    view: CaseView
    facts: split.Facts
    left: TimeLeft | None
    missed: Say | None = None
    ranked: Sequence[proposals.Proposal] = ()
    found: Sequence[Unit] = ()
    promise: TimeLeft | None = None
    profile: Say | None = None
    asked: Asked | None = None
    act: Any = None
    is_gone: bool = False


@get("/dispatch", opt={"needs": "case.dispatch"})
async def dispatch(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """``tab`` is dispatch, returns or accept; ``case`` chooses one, else the first; ``u`` searches units."""
    query = request.query_params
    tabs = {name: say for name, say in TABS.items() if name != "accept" or may(actor, "case.accept")}
    tab = query.get("tab", "dispatch") if query.get("tab") in tabs else "dispatch"
    words = query.get("u", "")[:50]
    async with db.reading() as connection:
        tallies = {name: await worklists.count(connection, actor, name) for name in tabs}
        items = await worklists.listed(connection, actor, tab)
        running = await workbench.nearest(connection, [item.id for item in items])
        number = query.get("case", "") or (items[0].number if items else "")
        if number and await queries.found(connection, actor, number) is None:
            number = ""
    home = f"/dispatch?tab={tab}"
    lines = split.lines(items, running, actor, f"{home}&case=", number, with_unit=tab in ("returns", "objections"))
    onward = split.following(lines, number, home)
    chosen = await _choose(actor, number, tab, words, onward) if number else None
    return render(
        request,
        "dispatch/index.html",
        region="#r-dispatch",
        tab=tab,
        tabs=tabs,
        tallies=tallies,
        lines=lines,
        words=words,
        around=split.around(lines, number),
        is_chosen=bool(query.get("case")),
        chosen=chosen,
        empty=EMPTY[tab],
        onward=onward,
        home=home,
        search=f"{home}&{urlencode({'case': number})}",
        act=chosen.act if chosen else None,
        counts={"dispatch": tallies["dispatch"]},
        live="queue",
    )


async def _choose(actor: Actor, number: str, tab: str, words: str, onward: str) -> Chosen:
    view = await view_for(actor, number)
    snapshot, today = city.current(), clock.today()
    async with db.reading() as connection:
        running = await workbench.nearest(connection, [view.case.id])
        reason = await worklists.why_missed(connection, view.case.id)
        asked = await _asked(connection, view) if tab == "returns" else None
    nearest = running.get(view.case.id)
    chosen = Chosen(view=view, facts=split.facts_of(view, actor), left=split.chip(nearest), asked=asked)
    if tab == "dispatch":
        chosen.missed = _why(reason)
        chosen.ranked = proposals.ranked(view.file, today, snapshot)
        known = {one.unit.code for one in chosen.ranked}
        chosen.found = [unit for unit in proposals.search(words, snapshot) if unit.code not in known]
        profile = clocks.profile_of(view.file)
        promise, warn = clocks.promise("finish", profile, clock.now())
        chosen.promise, chosen.profile = _chip(promise, warn), PROFILES[profile].name
        chosen.is_gone = view.case.state != "accepted"
    else:
        chosen.act = _opened(view, actor, tab, onward)
        chosen.is_gone = chosen.act is None
    return chosen


_CODES = {
    "returns": ("return_decision",), "accept": ("accept",), "objections": ("objection_decision", "co_ask_decision"),
}  # fmt: skip


def _opened(view: CaseView, actor: Actor, tab: str, onward: str) -> acts.Act | None:
    """The act that the tab is for, if it may still be done."""
    found = (acts.one(view, actor, code, back=onward) for code in _CODES[tab])
    return next((one for one in found if one is not None), None)


def _chip(promise: Promise, warn: Any) -> TimeLeft:
    term = Term(
        unit=promise.unit, start=promise.start, due=promise.due_at, warn=warn, is_provisional=promise.provisional
    )
    return time_left(calendar.of(city.current()), term, clock.now())


def _why(reason: str) -> Say | None:
    """Why the case waits for a person."""
    said = {
        "return_approved": Say("单位退回，重新派单", "Returned by a unit: to be dispatched anew"),
        "recalled": Say("已收回，重新派单", "Recalled: to be dispatched anew"),
        "": None,
    }
    return said[reason] if reason in said else proposals.why_missed(reason)


async def _asked(connection: db.Connection, view: CaseView) -> Asked | None:
    assignment = next((a for a in view.file.live if a.state == "return_requested"), None)
    if assignment is None:
        return None
    return Asked(
        unit=split.unit_name(assignment.unit),
        left=split.chip(await workbench.nearest_of(connection, view.case.id, assignment.id)),
        returns=view.case.return_count,
        most=int(city.current().rule("return.per_case")),
    )
