"""What people do after a return visit, beyond its first answers: a closed case is reopened."""

from __future__ import annotations

from cases import events_visit as e
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow, RequestRow
from hotline.work import Work


async def reopen(
    work: Work,
    file: CaseFile,
    *,
    assignment: AssignmentRow,
    reason: str,
    cause: str,
    request: RequestRow | None = None,
    profile: str = "",
) -> Entry:
    """重启: the closing does not stand; the unit at fault has its profile's time again, and the count goes up.

    For auditors, supervisors and the coordination office, none of whom had a hand in it. ``cause``: a key of
    ``states_visit.REOPEN_CAUSES``; ``request`` (the first) is the one to be visited again. 409 unless the case is
    closed and this unit had it then; 422 without a reason.
    """
    event = e.Reopened(
        assignment=assignment.id, request=(request or file.first_request).id, profile=profile or assignment.profile,
        cause=cause,
    )  # fmt: skip
    return await append(work, file, event, {"reason": Text(value=reason)})
