"""What people do around a return visit, beyond its first answers: wishes, answers by message, causes, reopening."""

from __future__ import annotations

from uuid import UUID

from cases import events_visit as e
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow, RequestRow
from hotline.ids import new_id
from hotline.work import Work


async def wish(work: Work, file: CaseFile, request: RequestRow, *, part: str, channel: str = "phone") -> Entry:
    """约回访时间: the part of the day in which they want to be called, "" for any."""
    return await append(work, file, e.VisitWished(request=request.id, part=part, channel=channel))


async def answer(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    *,
    grade: str,
    channel: str,
    words: str = "",
    raw: str = "",
    scale: str = "four",
) -> Entry:
    """A grade by message from whoever three calls did not reach, within the days of ``visit.rating_days``."""
    event = e.VisitAnswered(
        visit=new_id(), request=request.id, channel=channel, grade=grade, raw_grade=raw or grade, scale=scale
    )
    return await append(work, file, event, {"words": Text(value=words, audience="centre", request=request.id)})


async def set_cause(work: Work, file: CaseFile, request: RequestRow, *, cause: str, reason: str) -> Entry:
    """认定原因: why somebody is dissatisfied, where no caller asked, or where somebody above decides otherwise."""
    event = e.CauseSet(request=request.id, cause=cause, was=request.cause)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def follow(
    work: Work,
    file: CaseFile,
    request: RequestRow,
    rectification: UUID,
    *,
    outcome: str,
    cause: str | None = None,
    said: str = "",
    answer: str = "",
) -> Entry:
    """核实不满意评价 of a closed case: not reached, reopening proposed, or explained and answered."""
    event = e.RatingFollowed(request=request.id, rectification=rectification, outcome=outcome, cause=cause or None)
    texts = {
        "said": Text(value=said, audience="centre", request=request.id),
        "answer": Text(value=answer, audience="centre", request=request.id),
    }
    return await append(work, file, event, texts)


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
