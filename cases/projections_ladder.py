"""Projections of the ladder: which steps stand on a unit's share, its records, its orders in force. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_care, projections_care
from cases import events_ladder as e
from cases.events_promise import Breached, Ordered, Warned
from cases.file import CaseFile, Entry
from cases.rows import AssignmentRow, RecordRow
from cases.states import CARDS, RED, SUPERVISED, YELLOW


def _climb(file: CaseFile, assignment: AssignmentRow | None, level: int) -> None:
    if assignment is None or not level:
        return
    assignment.steps = tuple(sorted({*assignment.steps, level}))
    assignment.supervision = max(assignment.steps)
    file.case.supervision = max(file.case.supervision, level)


def _descend(file: CaseFile, assignment: AssignmentRow, level: int) -> None:
    assignment.steps = tuple(step for step in assignment.steps if step != level)
    assignment.supervision = max(assignment.steps, default=0)
    file.case.supervision = max((one.supervision for one in file.assignments.values()), default=0)


def _share(file: CaseFile, event: Any) -> AssignmentRow | None:
    return file.assignments.get(event.assignment) if event.assignment is not None else None


def _record(file: CaseFile, event: Any, entry: Entry, cause: str, cause_id: Any, points: int, note: str = "") -> None:
    file.fresh.append(
        RecordRow(
            id=event.record if cause != "card_cancelled" else event.back,
            cause=cause,
            cause_id=cause_id,
            case_id=file.case.id,
            unit=event.unit,
            at=entry.row.at,
            points=points,
            note=note,
        )
    )


def _warned(file: CaseFile, event: Warned, entry: Entry) -> None:
    _by_clock(file, event, entry, YELLOW)


def _breached(file: CaseFile, event: Breached, entry: Entry) -> None:
    _by_clock(file, event, entry, RED)


def _by_clock(file: CaseFile, event: Warned | Breached, entry: Entry, level: int) -> None:
    share = _share(file, event)
    if share is not None:
        _climb(file, share, level)
        if event.record is not None:
            _record(file, event, entry, CARDS[level], event.clock, event.points)


def _carded(file: CaseFile, event: e.Carded, entry: Entry) -> None:
    _climb(file, file.assignments[event.assignment], event.level)
    _record(file, event, entry, CARDS[event.level], event.record, event.points)


def _card_cancelled(file: CaseFile, event: e.CardCancelled, entry: Entry) -> None:
    _descend(file, file.assignments[event.assignment], event.level)
    _record(file, event, entry, "card_cancelled", event.record, -event.points, CARDS[event.level])


def _ordered(file: CaseFile, event: Ordered, entry: Entry) -> None:
    share = _share(file, event)
    if share is not None:
        _climb(file, share, SUPERVISED)
        share.orders_open += 1
    if file.case.state == "callback":  # an exemption granted before does not stand: supervised cases are visited
        for request in file.requests.values():
            if request.state == "exempt" and request.visit_tries == 0:
                request.state, request.exempt_by = "awaiting_visit", None


def _over(file: CaseFile, assignment: AssignmentRow | None) -> None:
    if assignment is not None:
        assignment.orders_open = max(assignment.orders_open - 1, 0)


def _order_reviewed(file: CaseFile, event: e.OrderReviewed, entry: Entry) -> None:
    if event.outcome == "accepted":
        _over(file, _share(file, event))


def _order_ended(file: CaseFile, event: e.OrderEnded, entry: Entry) -> None:
    share = _share(file, event)
    _over(file, share)
    if share is not None and event.cause == "withdrawn" and not share.orders_open:
        _descend(file, share, SUPERVISED)


def _measured(file: CaseFile, event: e.Measured, entry: Entry) -> None:
    _climb(file, _share(file, event), event.level)


def _instructed(file: CaseFile, event: events_care.Instructed, entry: Entry) -> None:
    if event.instruction is not None:  # what a leader asks for goes before what nobody asked for
        file.case.urgency = projections_care.at_least_urgent(file.case.urgency)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "warned": _warned,
    "breached": _breached,
    "ordered": _ordered,
    "carded": _carded,
    "card_cancelled": _card_cancelled,
    "order_reviewed": _order_reviewed,
    "order_ended": _order_ended,
    "measured": _measured,
    "instructed": _instructed,
}
