"""The request chosen on the screen of return visits: what its step may show, and only after saving the unit's claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from cases import abreast, demands, demands_visit, queries, visit_claims, visit_hours, visits, worklists
from cases.ask import Ask
from cases.events import Closed
from cases.file import CaseFile
from cases.rows import AssignmentRow, RequestRow, VisitRow
from cases.states import ASSIGNMENT_STATES, CASE_STATES, CLOSE_REASONS, RESULTS
from cases.states_visit import OWN_FAULT
from cases.views import CaseView
from cases.visit_claims import Claim as Hold
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may
from sla import calendar, plans, revisits, workbench
from web import worklists as split
from web.cases_access import view_for


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit says it did; shown only once the requester's word is saved."""

    assignment: AssignmentRow
    unit: Say
    result: Say
    note: str
    facts: Sequence[tuple[Say, bool | None]]


class Chosen(msgspec.Struct, kw_only=True):
    """The request on the right: ``step`` is ask, decide, settle or none; ``why_not`` says why nothing can be done."""

    view: CaseView
    request: RequestRow
    facts: split.Facts
    left: Any
    step: str
    why_not: Say | None
    replies: Sequence[tuple[Say, str]] = ()
    claims: Sequence[Claim] = ()
    visit: VisitRow | None = None
    said: str = ""
    tries: Sequence[datetime] = ()
    next_hours: Sequence[datetime] = ()
    is_last_try: bool = False
    is_repeat: bool = False
    is_plan: bool = False
    held: Hold | None = None
    is_mine: bool = False
    needs_cause: bool = False
    is_own_fault: bool = False
    may_overrule: bool = False
    rounds: Sequence[abreast.Round] = ()
    is_ordered: bool = False
    """The next rework goes with a supervision order."""
    why_open: Say | None = None
    others: Sequence[str] = ()
    close_reasons: dict[str, Say] = msgspec.field(default_factory=dict)


async def choose(actor: Actor, receipt: str) -> Chosen:
    """The chosen request with what its step may show. 404 when the case is not the actor's."""
    view = await view_for(actor, receipt, queries.handling)
    file = view.file
    one = file.request_no(receipt) or file.first_request
    async with db.reading() as connection:
        running = await workbench.nearest(connection, [file.case.id])
        entries = await worklists.entries_of(connection, file.case.id)
        tries = await visits.tried(connection, one)
        held = await visit_claims.held(connection, one.id)
    now = clock.now()
    why = why_not(actor, file) or _held_by_other(actor, held)
    needs_cause = demands_visit.needs_cause(one)
    chosen = Chosen(
        view=view,
        request=one,
        facts=split.facts_of(view, actor),
        left=split.chip(running.get(file.case.id)),
        step="none" if why else "ask" if one.state == "awaiting_visit" else "decide",
        why_not=why,
        replies=_replies(file, entries),
        tries=tries,
        next_hours=visit_hours.next_hours(now, tries, calendar.of(city.current()), one.wish),
        is_last_try=one.visit_tries + 1 >= int(city.current().rule("visit.tries")),
        is_plan=plans.is_plan(file),
        is_repeat=visit_hours.is_repeat(now, tries),
        held=held,
        is_mine=held is not None and held.person == actor.id,
        needs_cause=needs_cause,
    )
    if chosen.step == "decide":
        _decide(chosen, actor, entries)
    return chosen


def _decide(chosen: Chosen, actor: Actor, entries: Sequence[Any]) -> None:
    """What stands side by side once the requester's word is saved, and what may follow."""
    file, one = chosen.view.file, chosen.request
    mine = [v for v in chosen.view.visits if v.request_id == one.id and v.outcome in abreast.HEARD]
    latest = mine[-1] if mine and one.state == "visited" else None
    chosen.claims = _claims(file, entries)
    chosen.visit = latest
    chosen.said = _said(entries, latest)
    chosen.rounds = [r for r in abreast.rounds(chosen.view) if latest is not None and r.at == latest.at]
    chosen.others = [r.receipt_no for r in file.unsettled if r.id != one.id]
    chosen.close_reasons = {code: CLOSE_REASONS[code] for code in RESULTS}
    chosen.is_own_fault = one.cause in OWN_FAULT
    chosen.may_overrule = one.cause is not None and may(actor, "case.reopen")
    chosen.is_ordered = any(a.round >= revisits.ROUNDS for a in file.live if a.role != "below")
    chosen.why_open = _why_open(actor, file)


WHY_OPEN = frozenset({"rating_open", "supervised", "sampled", "closer_role"})
"""Refusals of closing that a visit cannot help: the page says them instead of the button."""


def _why_open(actor: Actor, file: CaseFile) -> Say | None:
    """Why this person cannot close the case now, for reasons beyond what was said in the visit."""
    event = Closed(reason="explained")
    try:
        demands.check(Ask(file=file, event=event, texts={}, actor=actor, now=clock.now()))
    except Refusal as refusal:
        return refusal.say if refusal.code in WHY_OPEN else None
    return None


def _held_by_other(actor: Actor, held: Hold | None) -> Say | None:
    if held is None or held.person == actor.id:
        return None
    at = clock.local(held.until)
    return Say(
        f"{held.name} 正在回访这一位（到 {at:%H:%M}），请打下一位。",
        f"{held.name} is calling this person (until {at:%H:%M}); take the next one.",
    )


def why_not(actor: Actor, file: CaseFile) -> Say | None:
    """Why this person cannot visit or close this case, in words; None when they can (rules.md 2)."""
    if file.case.state != "callback":
        state = CASE_STATES[file.case.state]
        return Say(f"这件现在是“{state.zh}”，不在回访。", f"This case is “{state.en}” now, not up for a return visit.")
    if not demands.may_visit(file, actor):
        return Say(
            "您受理或承办过这件事，不能由您回访、结案（受办分离），请换一位同事。",
            "You accepted or handled this case, so you cannot call back or close it. Let a colleague do it.",
        )
    return None


def _replies(file: CaseFile, entries: Sequence[Any]) -> list[tuple[Say, str]]:
    """The public replies to read out: the lead's; a co-handler's too when it wrote one."""
    found = []
    for assignment in file.live:
        entry = worklists.last(entries, "handled", assignment=assignment.id)
        if entry is not None and "reply" in entry.texts and entry.texts["reply"].value:
            found.append((split.unit_name(assignment.unit), entry.texts["reply"].value))
    return found


def _claims(file: CaseFile, entries: Sequence[Any]) -> list[Claim]:
    found = []
    for assignment in file.live:
        entry = worklists.last(entries, "handled", assignment=assignment.id)
        if entry is None:
            continue
        note = entry.texts.get("note")
        found.append(
            Claim(
                assignment=assignment,
                unit=split.unit_name(assignment.unit),
                result=RESULTS.get(assignment.result or "", ASSIGNMENT_STATES[assignment.state]),
                note=(note.value or "") if note else "",
                facts=[
                    (Say("已联系", "Contacted"), assignment.has_contacted),
                    (Say("已解决", "Solved"), assignment.is_solved),
                    (Say("诉求属实", "Substantiated"), assignment.is_substantiated),
                    (Say("超职责", "Beyond remit"), assignment.is_beyond_remit),
                ],
            )
        )
    return found


def _said(entries: Sequence[Any], visit: VisitRow | None) -> str:
    if visit is None:
        return ""
    kind, field = ("visited", "said") if visit.outcome == "reached" else ("visit_answered", "words")
    entry = worklists.last(entries, kind, visit=visit.id)
    row = entry.texts.get(field) if entry is not None else None
    return (row.value or "") if row is not None else ""
