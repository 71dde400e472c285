"""A case that stands: what a pause belongs to and how it ends. Pure; clocks follow it (``sla/standing.py``).

It belongs to the share that asked for it, or to the case while no unit has it. With that share (recalled, returned,
handled, merged away) it is over: whoever gets the case next has running promises. So it is when the requester who was
asked leaves with their own case.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases.file import CaseFile
from cases.rows import RequestRow
from cases.states import AT_UNIT, UNDISPATCHED, WORKING

NEEDS_INFO, SUSPENDED = "needs_info", "suspended"
CAUSES = (NEEDS_INFO, SUSPENDED)
_LIVING = UNDISPATCHED | WORKING


def begin(
    file: CaseFile, cause: str, *, at: datetime, until: datetime, share: UUID | None, review: datetime | None = None
) -> None:
    """Let the case stand for ``cause``; one that stands already keeps the moment it began."""
    case = file.case
    case.paused_at = case.paused_at or at
    case.paused, case.paused_until, case.paused_share, case.review_at = cause, until, share, review


def end(file: CaseFile) -> None:
    """Nothing stands, nobody is waited for."""
    case = file.case
    case.paused = case.paused_at = case.paused_until = case.paused_share = case.review_at = None
    for request in (*file.requests.values(), *file.at_door.values()):
        request.info_until = None


def settle(file: CaseFile) -> None:
    """After any event: a pause whose share or case has gone on is over, and so is what a lost share had asked."""
    case = file.case
    if case.paused is not None:
        share = file.assignments.get(case.paused_share) if case.paused_share is not None else None
        is_gone = share is not None and share.state not in AT_UNIT
        nobody = case.paused == NEEDS_INFO and awaited(file) is None  # unmerged: they left with their own case
        if case.state not in _LIVING or is_gone or nobody:
            end(file)
    for one in file.assignments.values():
        if one.suspension_asked_at is not None and (one.state not in AT_UNIT or case.state not in _LIVING):
            one.suspension_asked_at = one.suspension_review = None


def awaited(file: CaseFile) -> RequestRow | None:
    """The request whose requester is waited for."""
    return next((one for one in file.requests.values() if one.info_until is not None), None)


def is_under_review(file: CaseFile, now: datetime) -> bool:
    """Whether a suspended case has reached its review date."""
    return file.case.review_at is not None and file.case.review_at <= now
