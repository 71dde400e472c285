"""Projections of a unit's share: dispatch, sign-off, return, result and rework. Pure, like the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events as e
from cases.file import CaseFile, Entry
from cases.projections_visit import redo
from cases.rows import AssignmentRow, RecordRow
from cases.shares import below


def units(file: CaseFile) -> None:
    """Put the live units on the case row: the lead, and all of them."""
    lead = file.lead
    file.case.lead_unit = lead.unit if lead is not None else None
    file.case.unit_codes = tuple(dict.fromkeys(a.unit for a in file.live))


def settle(share: AssignmentRow) -> None:
    """Nothing that the share asked of the centre or of its head waits any more."""
    share.head_asked_at = share.head_asked_by = share.co_ask = share.co_ask_unit = None
    if share.objection == "open":
        share.objection = "withdrawn"
    ask_no_more(share)


def ask_no_more(share: AssignmentRow) -> None:
    """No extension waits any more: it was answered, lapsed, or is not needed."""
    share.extension_asked_at = share.extension_amount = share.extension_unit = None
    share.extension_law = share.extension_by = None


def leave(file: CaseFile, share: AssignmentRow, entry: Entry) -> None:
    """A unit loses its share, and with it all to whom it was handed down."""
    for one in (*below(file, share.id), share):
        one.state, one.ended_at = "recalled", entry.row.at
        settle(one)
    units(file)


def _assign(file: CaseFile, event: Any, entry: Entry, role: str, basis: str) -> None:
    file.assignments[event.assignment] = AssignmentRow(
        id=event.assignment,
        case_id=entry.row.case_id,
        unit=event.unit,
        role=role,
        basis=basis,
        profile=event.profile,
        dispatched_at=entry.row.at,
        dispatched_by=entry.row.actor,
        is_binding=event.is_binding,
    )
    units(file)


def _dispatched(file: CaseFile, event: e.Dispatched, entry: Entry) -> None:
    if event.replaces is not None:
        leave(file, file.assignments[event.replaces], entry)
    _assign(file, event, entry, "lead", event.basis)


def _co_handler_added(file: CaseFile, event: e.CoHandlerAdded, entry: Entry) -> None:
    _assign(file, event, entry, "co", event.basis)
    lead = file.lead
    if lead is not None and lead.co_ask == "add" and lead.co_ask_unit == event.unit:
        lead.co_ask = lead.co_ask_unit = None


def _recalled(file: CaseFile, event: e.Recalled, entry: Entry) -> None:
    leave(file, file.assignments[event.assignment], entry)


def _return_requested(file: CaseFile, event: e.ReturnRequested, entry: Entry) -> None:
    file.assignments[event.assignment].return_ground = event.ground


def _return_approved(file: CaseFile, event: e.ReturnApproved, entry: Entry) -> None:
    file.case.return_count += 1
    share = file.assignments[event.assignment]
    share.returned_at = entry.row.at
    leave(file, share, entry)


def _return_refused(file: CaseFile, event: e.ReturnRefused, entry: Entry) -> None:
    file.case.return_count += 1
    assignment = file.assignments[event.assignment]
    assignment.return_refusals += 1
    if assignment.signed_at is not None:
        assignment.state = "signed"
    if event.is_groundless and event.record is not None:
        file.fresh.append(
            RecordRow(
                id=event.record,
                cause="return_groundless",
                cause_id=event.record,
                case_id=file.case.id,
                unit=assignment.unit,
                at=entry.row.at,
            )
        )


def lend_a_hand(assignment: AssignmentRow, entry: Entry) -> None:
    """Note who worked on the share, and for whom: neither audits nor visits it (rules.md 2)."""
    assignment.hands = (*assignment.hands, *(one for one in entry.persons if one not in assignment.hands))


def _signed(file: CaseFile, event: e.Signed, entry: Entry) -> None:
    assignment = file.assignments[event.assignment]
    assignment.signed_at, assignment.signed_by = entry.row.at, entry.row.actor
    lend_a_hand(assignment, entry)


def _contacted(file: CaseFile, event: e.Contacted, entry: Entry) -> None:
    file.assignments[event.assignment].contacted_at = entry.row.at


def _handled(file: CaseFile, event: e.Handled, entry: Entry) -> None:
    claim(file.assignments[event.assignment], event, entry)


def claim(assignment: AssignmentRow, event: Any, entry: Entry) -> None:
    """Put a unit's result on its share; what it still asked for is over."""
    settle(assignment)
    assignment.handled_at, assignment.handled_by = entry.row.at, entry.row.actor
    lend_a_hand(assignment, entry)
    assignment.result = event.result
    assignment.is_substantiated, assignment.is_beyond_remit = event.is_substantiated, event.is_beyond_remit
    assignment.has_contacted, assignment.is_solved = event.has_contacted, event.is_solved


def _reworked(file: CaseFile, event: e.Reworked, entry: Entry) -> None:
    file.case.rework_count += 1
    assignment = file.assignments[event.assignment]
    assignment.round += 1
    assignment.profile = event.profile
    assignment.handled_at = assignment.handled_by = None
    redo(file, event.request)


UNIT: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "dispatched": _dispatched,
    "co_handler_added": _co_handler_added,
    "recalled": _recalled,
    "return_requested": _return_requested,
    "return_approved": _return_approved,
    "return_refused": _return_refused,
    "signed": _signed,
    "contacted": _contacted,
    "handled": _handled,
    "reworked": _reworked,
}
