"""Projections of a unit's own answers: objection, handing down, reporting up, the head's approval. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_hands as h
from cases.file import CaseFile, Entry
from cases.projections_unit import claim, leave, lend_a_hand, units
from cases.rows import AssignmentRow


def _objected(file: CaseFile, event: h.Objected, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.objected_at, share.objection = entry.row.at, "open"


def _objection_decided(file: CaseFile, event: h.ObjectionDecided, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.objection = "upheld" if event.is_upheld else "dismissed"
    if event.way == "redispatch":  # the unit was right: it counts as a return that was approved
        share.returned_at = entry.row.at


def _co_handler_asked(file: CaseFile, event: h.CoHandlerAsked, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.co_ask, share.co_ask_unit = event.ask, event.unit


def _co_ask_refused(file: CaseFile, event: h.CoAskRefused, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.co_ask = share.co_ask_unit = None


def _co_handler_released(file: CaseFile, event: h.CoHandlerReleased, entry: Entry) -> None:
    released = file.assignments[event.assignment]
    leave(file, released, entry)
    lead = file.lead
    if lead is not None and lead.co_ask == "release" and lead.co_ask_unit == released.unit:
        lead.co_ask = lead.co_ask_unit = None


def _handed_down(file: CaseFile, event: h.HandedDown, entry: Entry) -> None:
    file.assignments[event.child] = AssignmentRow(
        id=event.child, case_id=entry.row.case_id, unit=event.unit, role="below", basis="handed_down",
        profile=event.profile, parent_assignment=event.assignment, dispatched_at=entry.row.at,
        dispatched_by=entry.row.actor,
    )  # fmt: skip
    lend_a_hand(file.assignments[event.assignment], entry)
    units(file)


def _reported_up(file: CaseFile, event: h.ReportedUp, entry: Entry) -> None:
    claim(file.assignments[event.assignment], event, entry)


def _sent_down(file: CaseFile, event: h.SentDown, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.handled_at = share.handled_by = None


def _taken_back(file: CaseFile, event: h.TakenBack, entry: Entry) -> None:
    leave(file, file.assignments[event.assignment], entry)


def _handed_back(file: CaseFile, event: h.HandedBack, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.returned_at = entry.row.at
    leave(file, share, entry)


def _head_asked(file: CaseFile, event: h.HeadAsked, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.head_asked_at, share.head_asked_by = entry.row.at, entry.row.actor
    lend_a_hand(share, entry)


def _head_answered(file: CaseFile, event: h.HeadApproved | h.HeadRefused, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.head_asked_at = share.head_asked_by = None
    lend_a_hand(share, entry)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "objected": _objected,
    "objection_decided": _objection_decided,
    "co_handler_asked": _co_handler_asked,
    "co_ask_refused": _co_ask_refused,
    "co_handler_released": _co_handler_released,
    "handed_down": _handed_down,
    "reported_up": _reported_up,
    "sent_down": _sent_down,
    "taken_back": _taken_back,
    "handed_back": _handed_back,
    "head_asked": _head_asked,
    "head_approved": _head_answered,
    "head_refused": _head_answered,
}
