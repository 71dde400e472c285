"""Projection of a case that came with its dates from a former system. Pure, like the others."""

from __future__ import annotations

from cases import events as e
from cases.file import CaseFile, Entry
from cases.projections_unit import units
from cases.rows import AssignmentRow


def imported(file: CaseFile, event: e.Imported, entry: Entry) -> None:
    """Matter, unit and end as the former system had them."""
    case = file.case
    case.matter = event.matter or case.matter
    case.accepted_at, case.accepted_by = case.opened_at, entry.row.actor
    if event.unit is not None and event.assignment is not None:
        file.assignments[event.assignment] = AssignmentRow(
            id=event.assignment,
            case_id=case.id,
            unit=event.unit,
            state="in_progress",
            basis="import",
            profile=event.profile or "STD5",
            dispatched_at=case.opened_at,
            dispatched_by=entry.row.actor,
        )
        units(file)
        case.state = "active"
    if event.closed_at is not None:
        case.state = "closed"
        case.closed_at, case.close_reason = event.closed_at, event.close_reason or "imported"
        for assignment in file.live:
            assignment.state, assignment.handled_at, assignment.ended_at = "ended", event.closed_at, event.closed_at
        for request in file.requests.values():
            request.state = "exempt"
            request.final_grade = event.grade
