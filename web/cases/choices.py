"""What the selects of an act offer, and with what its form begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from cases import states
from cases.rows import AssignmentRow
from cases.states import ASSIGNMENT_STATES
from cases.states_visit import CAUSES
from cases.views import CaseView
from hotline import city, clock
from hotline.actor import Actor
from hotline.errors import Say
from routing import book, decision
from sla.rows import ClockRow, OrderRow
from web import units
from web.cases import (
    asks,
    choices_audit,
    choices_care,
    choices_conference,
    choices_extend,
    choices_hands,
    choices_pause,
    choices_rating,
    choices_visit,
)
from web.desk import matters

__all__ = ["ASSIGNMENT_STATES", "Standing", "of"]


class Standing(msgspec.Struct, frozen=True):
    """Who stands before which case, with the supervision orders and the clocks on it that are theirs to see."""

    view: CaseView
    actor: Actor
    orders: Sequence[OrderRow] = ()
    clocks: Sequence[ClockRow] = ()


def open_orders(actor: Actor, orders: Sequence[OrderRow]) -> list[OrderRow]:
    """Supervision orders that the actor's units have still to answer."""
    return [one for one in orders if one.state in ("issued", "signed") and one.unit in actor.units]


def unsolved(view: CaseView) -> UUID | None:
    """The request whose last visit said unsolved or dissatisfied in this round, if any."""
    if view.case.state != "callback":
        return None
    last = {one.request_id: one for one in view.visits if one.outcome == "reached"}
    waiting = {one.id for one in view.file.requests.values() if one.state == "visited"}
    return next(
        (
            request
            for request, one in last.items()
            if request in waiting and (one.is_solved is False or one.grade == "dissatisfied")
        ),
        None,
    )


def at_fault(view: CaseView) -> list[AssignmentRow]:
    """The assignments that may be sent back for rework, the lead first; a lower unit answers to the one above it."""
    handled = [one for one in view.file.live if one.state == "handled" and one.role != "below"]
    return sorted(handled, key=lambda one: one.role != "lead")


def _named(assignments: Sequence[AssignmentRow]) -> dict[str, Say]:
    snapshot = city.current()
    return {str(one.id): units.name(snapshot, one.unit) for one in assignments}


def _requests(view: CaseView, only: tuple[str, ...]) -> dict[str, Say]:
    return {str(one.request): Say(one.receipt_no, one.receipt_no) for one in view.requesters if one.state in only}


def unit_groups(actor: Actor) -> list[tuple[Say, list[city.Unit]]]:
    """Units offered for dispatch; a county office has its own county's."""
    return units.choices(city.current(), under_of(actor))


def under_of(actor: Actor) -> tuple[str, ...]:
    """The units that a county office may dispatch to; empty means all."""
    return city.current().subtree(actor.jurisdiction) if actor.jurisdiction else ()


def proposal(view: CaseView) -> decision.Decision:
    """What rules and catalogue say today, sealed cases included: a person decides, the catalogue still advises."""
    return decision.advised(view.file, book.current(), clock.today(), city.current())


def of(code: str, at: Standing) -> dict[str, Any]:
    """Everything the partial of act ``code`` offers, by the field's name."""
    make = _OPTIONS.get(code)
    return make(at) if make is not None else {}


def _matters() -> dict[str, list[city.Matter]]:
    """Every matter, under its first two levels."""
    groups: dict[str, list[city.Matter]] = {}
    for one in city.current().matters.values():
        groups.setdefault(f"{one.l1_zh} › {one.l2_zh}", []).append(one)
    return groups


def _accept(at: Standing) -> dict[str, Any]:
    snapshot = city.current()
    towns: dict[str, list[city.Township]] = {}
    for town in snapshot.townships.values():
        towns.setdefault(town.county, []).append(town)
    words = "\n".join(at.view.words)
    return {
        "matter": _matters(), "county": snapshot.jurisdictions, "township": towns, "urgency": states.URGENCIES,
        "proposals": matters.propose(snapshot, "", words), "is_sealed": at.view.case.is_sealed,
    }  # fmt: skip


def _dispatch(at: Standing) -> dict[str, Any]:
    choice = proposal(at.view)
    return {
        "unit": unit_groups(at.actor), "proposed": units.name(city.current(), choice.unit) if choice.unit else None,
        "why": decision.why(choice), "law": choices_extend.statutes(at.view),
    }  # fmt: skip


def _recall(at: Standing) -> dict[str, Any]:
    there = [one for one in at.view.file.at_units if one.role != "below"]
    return {"assignment": _named(there), "unit": unit_groups(at.actor)}


def _return_decision(at: Standing) -> dict[str, Any]:
    asked = [one for one in at.view.assignments if one.state == "return_requested"]
    line = next((one for one in reversed(at.view.lines) if one.kind == "return_requested"), None)
    return {"assignment": _named(asked), "decision": asks.DECISIONS, "unit": unit_groups(at.actor), "line": line}


def _result(at: Standing) -> dict[str, Any]:
    return {
        "result": {code: states.RESULTS[code] for code in states.results_for(at.view.case.kind)},
        "is_suggestion": at.view.case.kind == "suggestion",
    }


def _audit(at: Standing) -> dict[str, Any]:
    handled = [line for line in at.view.lines if line.kind == "handled"]
    return {
        "decision": asks.AUDITS,
        "assignment": _named(at_fault(at.view)),
        "handled": handled[-1] if handled else None,
        "facts": facts(at.view),
    }


def facts(view: CaseView) -> list[tuple[Say, bool | None]]:
    """What the lead claims: substantiated, beyond remit, contacted, solved."""
    lead = view.file.lead
    if lead is None:
        return []
    return [
        (Say("属实", "Substantiated"), lead.is_substantiated),
        (Say("超职责", "Beyond remit"), lead.is_beyond_remit),
        (Say("已联系", "Contacted"), lead.has_contacted),
        (Say("已解决", "Solved"), lead.is_solved),
    ]


def _visit(at: Standing) -> dict[str, Any]:
    replies = [line.texts["reply"] for line in at.view.lines if line.kind == "handled" and "reply" in line.texts]
    return {
        "request": _requests(at.view, ("open", "awaiting_visit")), "outcome": asks.OUTCOMES, "grade": states.GRADES,
        "reply": replies[-1] if replies else "", "cause": CAUSES,
    }  # fmt: skip


def _rework(at: Standing) -> dict[str, Any]:
    return {"request": _requests(at.view, ("visited",)), "assignment": _named(at_fault(at.view))}


def _joined(view: CaseView) -> dict[str, Say]:
    """The merged cases that may come out again; each has the number of the request that it was opened by."""
    there = [one for one in view.file.requests.values() if one.home_id is not None and one.visited_at is None]
    return {one.receipt_no: Say(one.receipt_no, one.receipt_no) for one in there}


_OPTIONS: Mapping[str, Any] = {
    "accept": _accept,
    "correct_matter": lambda _: {"matter": _matters()},
    "transfer": lambda _: {
        "target": {
            number: one.name for number, one in city.current().related_numbers.items() if one.treatment != "MERGED"
        }
    },
    "decline": lambda _: {"reason": states.DECLINE_REASONS},
    "dispatch": _dispatch,
    "recall": _recall,
    "co_handler": lambda at: {"unit": unit_groups(at.actor)},
    "return_decision": _return_decision,
    "contact": lambda _: {"way": asks.CONTACT_WAYS},
    "result": _result,
    "return": lambda _: {"ground": states.RETURN_GROUNDS, "suggested": units.choices(city.current())},
    "order_reply": lambda at: {
        "order": {one.number: Say(one.number, one.number) for one in open_orders(at.actor, at.orders)}
    },
    "audit": _audit,
    "visit": _visit,
    "rework": _rework,
    "close": lambda _: {"reason": states.CLOSE_REASONS},
    "words": lambda at: {"request": _requests(at.view, ("open", "awaiting_visit", "visited", "exempt"))},
    "urge": lambda at: {"request": _requests(at.view, ("open",))},
    "withdraw": lambda at: {"request": _requests(at.view, ("open",))},
    "remind": lambda at: {"assignment": _named(at.view.file.at_units)},
    "order": lambda at: {"assignment": _named(at.view.file.at_units), "rule": asks.ORDER_RULES},
    "erase": lambda _: {"rule": asks.ERASE_RULES},
    **choices_care.OPTIONS,
    **choices_extend.OPTIONS,
    "split": lambda _: {"matter": _matters()},
    "unmerge": lambda at: {"child": _joined(at.view)},
    **choices_hands.OPTIONS,
    **choices_conference.OPTIONS,
    **choices_audit.OPTIONS,
    **choices_pause.OPTIONS,
    **choices_visit.OPTIONS,
    **choices_rating.OPTIONS,
}


def start_accept(at: Standing) -> dict[str, object]:
    """As the requester gave it; the place as it is found in the words."""
    case, snapshot = at.view.case, city.current()
    county, township = ("" if case.county == city.CITY else case.county), case.township or ""
    if not county:
        found = snapshot.find_place(" ".join((case.place, *at.view.words)), clock.today())
        county, township = (found.county, found.township or "") if found and not found.candidates else ("", "")
    sure = next((one.code for one in matters.propose(snapshot, "", "\n".join(at.view.words)) if one.is_sure), "")
    return {
        "matter": case.matter or sure,
        "county": county,
        "township": township,
        "place": case.place,
        "urgency": case.urgency,
    }


def start_dispatch(at: Standing) -> dict[str, object]:
    """The catalogue's unit, when it is one that may be chosen."""
    unit, under = proposal(at.view).unit, under_of(at.actor)
    return {"unit": unit if unit and (not under or unit in under) else ""}


def start_recall(at: Standing) -> dict[str, object]:
    """The lead."""
    there = sorted(at.view.file.at_units, key=lambda one: one.role != "lead")
    return {"assignment": there[0].id}


def start_return_decision(at: Standing) -> dict[str, object]:
    """The unit that asked, and whom it suggests."""
    asked = next(one for one in at.view.assignments if one.state == "return_requested")
    return {"assignment": asked.id}


def start_contact(at: Standing) -> dict[str, object]:
    """Sealed cases are reached through the hotline only."""
    return {"way": "hotline" if at.view.is_shielded else "phone"}


def start_result(at: Standing) -> dict[str, object]:
    """Whether the requester was contacted is known; so is what a lower unit reported, or what the head gave back."""
    own = at.view.own
    contacted = {"has_contacted": "yes" if own is not None and own.contacted_at is not None else None}
    return {**contacted, **choices_hands.start_result(at.view)}


def start_order_reply(at: Standing) -> dict[str, object]:
    """The oldest order."""
    return {"order": open_orders(at.actor, at.orders)[0].number}


def start_audit(at: Standing) -> dict[str, object]:
    """The lead is whom it would go back to."""
    handled = at_fault(at.view)
    return {"assignment": handled[0].id} if handled else {}


def start_visit(at: Standing) -> dict[str, object]:
    """The request that has waited longest."""
    waiting = [one for one in at.view.requesters if one.state in ("open", "awaiting_visit")]
    return {"request": waiting[0].request} if waiting else {}


def start_rework(at: Standing) -> dict[str, object]:
    """The unsolved request and the lead."""
    return {"request": unsolved(at.view), "assignment": at_fault(at.view)[0].id}


def start_request(at: Standing) -> dict[str, object]:
    """The first request."""
    return {"request": at.view.requesters[0].request}


def start_remind(at: Standing) -> dict[str, object]:
    """The lead, if it is still working."""
    return start_recall(at)
