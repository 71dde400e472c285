"""Projections of a return visit beyond its first answers: sampling, unreached, rework. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_visit as e
from cases.file import CaseFile, Entry


def _reopened(file: CaseFile, event: e.Reopened, _: Entry) -> None:
    """The one unit at fault works again; the others that the closing ended stand where they stood, with results."""
    case, fault = file.case, file.assignments[event.assignment]
    for share in file.assignments.values():
        if share.ended_at is not None and share.ended_at == case.closed_at:
            share.ended_at = None
            share.state = "in_progress" if share.id == fault.id else "handled"
    case.closed_at = case.close_reason = None
    case.rework_count += 1
    fault.round += 1
    fault.profile = event.profile
    fault.handled_at = fault.handled_by = None
    request = file.requests[event.request]
    request.state, request.is_solved, request.visit_tries = "open", None, 0


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {"reopened": _reopened}
