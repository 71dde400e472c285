"""Projections of what is not routed plainly: risk, verifying first, discipline, enterprise levels. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_care as e
from cases import risk
from cases.file import CaseFile, Entry
from cases.projections_unit import lend_a_hand


def about(file: CaseFile) -> None:
    """Put the units complained about on the case row, those of every request on it."""
    file.case.about_units = tuple(sorted({r.about_unit for r in file.requests.values() if r.about_unit}))


def urgency_of(file: CaseFile, given: str) -> str:
    """The urgency that a case has: a risk is never normal."""
    return at_least_urgent(given) if file.case.risk else given


def at_least_urgent(given: str) -> str:
    """The urgency raised to urgent where it is normal."""
    return "urgent" if given == "normal" else given


def _about_named(file: CaseFile, event: e.AboutNamed, entry: Entry) -> None:
    request = file.requests[event.request]
    request.about_unit = event.unit
    person = entry.texts.get("about_person")
    if person is not None:
        request.about_person = person.sealed


def _summarised(file: CaseFile, event: e.Summarised, entry: Entry) -> None:
    row = entry.texts.get("summary")
    file.case.summary = (row.value or "") if row is not None else ""


def _flagged(file: CaseFile, event: e.Flagged, entry: Entry) -> None:
    case = file.case
    case.risk = tuple(kind for kind in risk.KINDS if kind in {*case.risk, *event.kinds})
    case.flagged_at, case.risk_seen_at = case.flagged_at or entry.row.at, None
    case.urgency = urgency_of(file, case.urgency)


def _risk_seen(file: CaseFile, event: e.RiskSeen, entry: Entry) -> None:
    file.case.risk_seen_at = entry.row.at


def _flag_cleared(file: CaseFile, event: e.FlagCleared, entry: Entry) -> None:
    case = file.case
    case.risk, case.flagged_at, case.risk_seen_at = (), None, None


def _verified_facts(file: CaseFile, event: e.VerifiedFacts, entry: Entry) -> None:
    assignment = file.assignments[event.assignment]
    assignment.verified_at, assignment.finding = entry.row.at, event.finding
    lend_a_hand(assignment, entry)


def _escalated(file: CaseFile, event: e.Escalated, entry: Entry) -> None:
    file.case.level, file.case.leader = event.level, event.person


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "about_named": _about_named,
    "summarised": _summarised,
    "flagged": _flagged,
    "risk_seen": _risk_seen,
    "flag_cleared": _flag_cleared,
    "verified_facts": _verified_facts,
    "escalated": _escalated,
}
