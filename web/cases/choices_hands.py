"""What the selects of a unit's own acts offer, and with what their forms begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cases import shares, states
from cases.rows import AssignmentRow
from cases.states import AT_UNIT
from cases.views import CaseView, Line
from hotline import city
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Say
from web import units
from web.cases import asks_hands

ANSWERS = ("is_substantiated", "has_contacted", "is_solved", "is_beyond_remit")
TIERS = {4: Say("乡镇街道", "Towns and subdistricts"), 5: Say("村、社区", "Villages and communities")}


def named(found: Sequence[AssignmentRow]) -> dict[str, Say]:
    """Shares by id with their units' names."""
    snapshot = city.current()
    return {str(one.id): units.name(snapshot, one.unit) for one in found}


def lower(view: CaseView) -> list[tuple[Say, list[Unit]]]:
    """Units in use below the own share's unit that are not on the case, under their tiers."""
    if view.own is None:
        return []
    snapshot, there = city.current(), {one.unit for one in view.file.live}
    found: dict[Say, list[Unit]] = {}
    for code in snapshot.subtree(view.own.unit)[1:]:
        unit = snapshot.units[code]
        if unit.is_on and code not in there:
            found.setdefault(TIERS.get(unit.tier, Say("下级单位", "Units below")), []).append(unit)
    return list(found.items())


def reported(view: CaseView) -> list[AssignmentRow]:
    """Shares directly below the own one that were reported up."""
    return [one for one in _children(view) if one.state == "handled"]


def given_down(view: CaseView) -> list[AssignmentRow]:
    """Shares directly below the own one that are still worked on."""
    return [one for one in _children(view) if one.state in AT_UNIT]


def _children(view: CaseView) -> list[AssignmentRow]:
    return shares.children(view.file, view.own.id) if view.own is not None else []


def objecting(view: CaseView) -> list[AssignmentRow]:
    """Shares whose unit's objection waits for a decision."""
    return [one for one in view.file.live if one.objection == "open"]


def co_handlers(view: CaseView) -> list[AssignmentRow]:
    """Co-handlers that are working on it."""
    return [one for one in view.file.at_units if one.role == "co"]


def head_waits(view: CaseView, actor: Actor) -> AssignmentRow | None:
    """The share whose result waits for this head: of their own unit first."""
    waiting = [one for one in view.file.at_units if one.head_asked_at is not None and one.unit in actor.units]
    return next((one for one in waiting if one.unit == actor.unit), waiting[0] if waiting else None)


def last(view: CaseView, *kinds: str, unit: str = "") -> Line | None:
    """The last line of these kinds that this viewer reads, of a unit when one is named."""
    return next((one for one in reversed(view.lines) if one.kind in kinds and unit in ("", one.unit)), None)


def start_result(view: CaseView) -> dict[str, object]:
    """What is known already: the lower unit's report, or what the head gave back."""
    own = view.own
    if own is None:
        return {}
    below = reported(view)
    if below:
        return _typed(last(view, "reported_up", unit=below[-1].unit))
    asked = last(view, "head_asked", unit=own.unit)
    word = last(view, "head_approved", "head_refused", unit=own.unit)
    is_open = asked is not None and (word is None or word.kind == "head_refused" or word.seq < asked.seq)
    return _typed(asked) if is_open else {}


def _typed(line: Line | None) -> dict[str, object]:
    """What was submitted once, as the form of a result has it."""
    if line is None:
        return {}
    told = {name: line.claim.get(name) for name in ANSWERS}
    answers = {name: "yes" if value else "no" for name, value in told.items()}
    texts = {name: line.texts.get(name, "") for name in ("note", "reply", "reason")}
    return {"result": line.claim.get("result", ""), **answers, **texts}


def _result(at: Any) -> dict[str, Any]:
    kind = at.view.case.kind
    return {
        "result": {code: states.RESULTS[code] for code in states.results_for(kind)},
        "is_suggestion": kind == "suggestion",
    }


def _co_decision(at: Any) -> dict[str, Any]:
    lead = at.view.file.lead
    return {
        "decision": asks_hands.ANSWERS, "line": last(at.view, "co_handler_asked"),
        "unit": units.name(city.current(), lead.co_ask_unit), "is_release": lead.co_ask == "release",
    }  # fmt: skip


def _objection_decision(at: Any) -> dict[str, Any]:
    under = city.current().subtree(at.actor.jurisdiction) if at.actor.jurisdiction else ()
    return {
        "assignment": named(objecting(at.view)), "decision": asks_hands.DECISIONS,
        "line": last(at.view, "objected"), "unit": units.choices(city.current(), under),
    }  # fmt: skip


OPTIONS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "report_up": _result,
    "head_ask": _result,
    "hand_down": lambda at: {"unit": lower(at.view)},
    "send_down": lambda at: {"assignment": named(reported(at.view))},
    "take_back": lambda at: {"assignment": named(given_down(at.view))},
    "objection_decision": _objection_decision,
    "co_ask_add": lambda _: {"unit": units.choices(city.current())},
    "co_ask_release": lambda at: {
        "unit": {one.unit: units.name(city.current(), one.unit) for one in co_handlers(at.view)}
    },
    "co_ask_decision": _co_decision,
    "co_release": lambda at: {"assignment": named(co_handlers(at.view))},
    "head_refuse": lambda at: {"line": last(at.view, "head_asked")},
}


def start_share(find: Callable[[CaseView], Sequence[AssignmentRow]]) -> Callable[[Any], dict[str, object]]:
    """A form that begins with the first of the shares that ``find`` gives."""
    return lambda at: {"assignment": found[0].id} if (found := find(at.view)) else {}
