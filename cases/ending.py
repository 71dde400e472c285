"""How a case ends, whatever ends it: its shares end, requests that nobody answered by a visit are exempt. Pure."""

from __future__ import annotations

from cases.file import CaseFile, Entry


def end_case(file: CaseFile, reason: str, entry: Entry) -> None:
    """Put the end on the case, its shares and its open requests."""
    case = file.case
    case.closed_at, case.close_reason = entry.row.at, reason
    for assignment in file.live:
        assignment.state, assignment.ended_at = "ended", entry.row.at
    for request in file.requests.values():
        if request.state == "open":
            request.state = "exempt"
