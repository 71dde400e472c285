"""The dispatcher's desk as one screen; its acts are posted to the case's own addresses and come back here."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get

from cases import queries, worklists
from cases.demands_care import OWN_CAUSE
from cases.file import CaseFile
from cases.views import CaseView
from hotline import city, clock, db, files
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Say
from hotline.permissions import may
from routing import book, proposals, rules
from sla import calendar, clocks, workbench
from sla.targets import PROFILES, Promise
from web import worklists as split
from web.access import Who
from web.cases import acts, choices_extend, deadlines, same_outage
from web.cases_access import view_for
from web.desk import matters
from web.dispatch import tabs, weighing
from web.dispatch.tabs import Tab
from web.dispatch.weighing import Guessed, Returned
from web.render import render
from web.timeleft import Term, TimeLeft, time_left


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Beside the unit's request to return, which the act's form quotes: its clock, which runs on, and the count."""

    unit: Say
    left: TimeLeft | None
    returns: int
    most: int


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """Another matter chosen at the desk: from what to what, and what that does to the promise."""

    code: str
    old: Say
    new: Say
    old_profile: Say
    old_due: TimeLeft

    @property
    def moves_promise(self) -> bool:
        """Whether the clock profile becomes another one; the new promise stands beside the button."""
        return self.old_profile.zh != ""


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
    is_own_cause: bool = False
    guesses: Sequence[Guessed] = ()
    left_because: Say | None = None
    returned: Returned | None = None
    correction: Correction | None = None
    offered: Sequence[matters.Proposal] = ()
    no_place: bool = False
    proofs: Sequence[files.Attachment] = ()
    laws: Mapping[str, Say] = {}
    same: Sequence[same_outage.Same] = ()


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What the address says: the tab, the words by which a unit and a matter are looked for, a matter chosen."""

    tab: Tab
    words: str
    matter_words: str
    matter: str
    onward: str


@get("/dispatch", opt={"needs": "case.dispatch"})
async def dispatch(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """``tab`` names a group; ``case`` chooses one, else the first; ``u`` searches units, ``m`` matters.

    ``matter`` shows what another matter would change: units, promise.
    """
    query = request.query_params
    open_tabs = tabs.of(actor)
    tab = open_tabs.get(query.get("tab", ""), open_tabs["dispatch"])
    tab = open_tabs["dispatch"] if tab.url else tab
    async with db.reading() as connection:
        tallies = await tabs.tallies(connection, actor, open_tabs)
        items = await worklists.listed(connection, actor, tab.code)
        running = await workbench.nearest(connection, [item.id for item in items])
        number = query.get("case", "") or (items[0].number if items else "")
        if number and await queries.found(connection, actor, number) is None:
            number = ""
    home = f"/dispatch?tab={tab.code}"
    lines = split.lines(items, running, actor, f"{home}&case=", number, with_unit=tab.with_unit)
    asking = Asking(
        tab=tab, words=query.get("u", "")[:50], matter_words=query.get("m", "")[:50],
        matter=query.get("matter", "")[:20],
        onward=split.following(lines, number, home),
    )  # fmt: skip
    chosen = await _choose(actor, number, asking) if number else None
    here = f"{home}&{urlencode({'case': number})}"
    return render(
        request, "dispatch/index.html", region="#r-dispatch", tab=tab.code, tabs=open_tabs, tallies=tallies,
        lines=lines, words=asking.words, matter_words=asking.matter_words, around=split.around(lines, number),
        is_chosen=bool(query.get("case")), chosen=chosen, empty=tab.empty, onward=asking.onward, home=home,
        at_case=here, search=here + (f"&{urlencode({'matter': asking.matter})}" if asking.matter else ""),
        act=chosen.act if chosen else None, may_rules=may(actor, "routing.edit"),
        proofs=chosen.proofs if chosen else (), failed=_failed(actor), matter_of=split.matter_of,
        own_cause=OWN_CAUSE, counties=city.current().jurisdictions,
        counts={"dispatch": tallies["dispatch"]}, live="queue",
    )  # fmt: skip


def _failed(actor: Actor) -> list[tuple[int, Say]]:
    """Dispatch rules that erred and are off, for those who can mend them."""
    if not may(actor, "routing.edit"):
        return []
    return [(one.id, rules.FAULTS[one.fault]) for one in book.current().rules if one.state == "faulty"]


async def _choose(actor: Actor, number: str, asking: Asking) -> Chosen:
    view, tab = await view_for(actor, number), asking.tab
    if view.is_shielded:  # neither the model's words nor a returning unit's reason are for the house complained about
        return Chosen(view=view, facts=split.facts_of(view, actor), left=None, is_own_cause=True)
    async with db.reading() as connection:
        running = await workbench.nearest(connection, [view.case.id])
        reason = await worklists.why_missed(connection, view.case.id)
        asked = await _asked(connection, view) if tab.code == "returns" else None
        left_because = await weighing.left_because(connection, view.case.id)
        returned = await weighing.returned(connection, view.case.id, view.file)
        same = await same_outage.of(connection, view, actor)
        is_more_time = tab.code == "extensions"
        there = (await deadlines.beside(connection, view, actor)).clocks if is_more_time else ()
        attached = await files.of_case(connection, view.case.id) if is_more_time else []
    chosen = Chosen(
        view=view, facts=split.facts_of(view, actor), left=split.chip(running.get(view.case.id)), asked=asked,
        left_because=left_because, returned=returned, same=same,
        proofs=choices_extend.proofs_of(attached),
    )  # fmt: skip
    if tab.code == "dispatch":
        chosen.missed = _why(reason)
        _to_dispatch(chosen, asking)
        return chosen
    opened = (acts.one(view, actor, code, back=asking.onward, clocks=there) for code in tab.acts)
    chosen.act = next((one for one in opened if one is not None), None)
    chosen.is_gone = chosen.act is None
    if tab.code == "accept" and not chosen.is_gone:
        _to_accept(chosen)
    return chosen


def _to_dispatch(chosen: Chosen, asking: Asking) -> None:
    """Units for the matter as it is, or as it would be if another were chosen; the promise that this makes."""
    snapshot, today, view = city.current(), clock.today(), chosen.view
    suggestion = weighing.suggestion_of(view.file)
    file = _as_if(view.file, asking.matter) if asking.matter in snapshot.matters else view.file
    past = proposals.Past(
        returned_by=tuple(one.unit for one in view.file.assignments.values() if one.return_ground and one.ended_at),
        suggested=chosen.returned.suggested_code if chosen.returned else "",
    )  # fmt: skip
    chosen.ranked = proposals.ranked(
        file, today, snapshot, kept=book.current(), suggestion=suggestion, past=past
    )
    known = {one.unit.code for one in chosen.ranked}
    chosen.found = [unit for unit in proposals.search(asking.words, snapshot) if unit.code not in known]
    chosen.guesses = weighing.guesses(view.file, suggestion, today)
    chosen.offered = matters.propose(snapshot, asking.matter_words, "") if asking.matter_words else ()
    profile = clocks.profile_of(file)
    chosen.laws = choices_extend.statutes(view)
    chosen.promise, chosen.profile = _finish(profile), PROFILES[profile].name
    if file is not view.file and asking.matter != view.case.matter:
        chosen.correction = _correction(view.file, asking.matter, profile)
    chosen.is_gone = view.case.state != "accepted"


def _as_if(file: CaseFile, matter: str) -> CaseFile:
    other = CaseFile()
    other.case = copy.copy(file.case)
    other.case.matter = matter
    other.requests, other.assignments = file.requests, file.assignments
    return other


def _correction(file: CaseFile, matter: str, profile: str) -> Correction:
    before = clocks.profile_of(file)
    stays = before == profile
    return Correction(
        code=matter, old=split.matter_of(file.case.matter), new=split.matter_of(matter),
        old_profile=Say("", "") if stays else PROFILES[before].name, old_due=_finish(before),
    )  # fmt: skip


def _to_accept(chosen: Chosen) -> None:
    """The model's matters with their units, to accept and dispatch in one step; a sealed case goes the long way."""
    view = chosen.view
    suggestion = weighing.suggestion_of(view.file)
    chosen.guesses = weighing.guesses(view.file, suggestion, clock.today())
    chosen.no_place = view.case.county == city.CITY


def _finish(profile: str) -> TimeLeft:
    promise, warn = clocks.promise("finish", profile, clock.now())
    return _chip(promise, warn)


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
