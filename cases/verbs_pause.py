"""What people do to let a case stand and go on. Until when: ``sla/needs_info`` and ``sla/suspension`` reckon it."""

from __future__ import annotations

from datetime import datetime

from cases.demands_pause import items
from cases.events_pause import (
    InfoAsked,
    InfoEnded,
    InfoLapsed,
    Resumed,
    ReviewDue,
    Suspended,
    SuspensionAsked,
    SuspensionRefused,
)
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.rows import AssignmentRow, RequestRow
from hotline.work import Work


async def ask_info(
    work: Work, file: CaseFile, request: RequestRow, *, wanted: str, until: datetime, share: AssignmentRow | None
) -> Entry:
    """补正, once: ``wanted`` lists all that is missing, an item a line; ``share``: the lead's, None before dispatch."""
    event = InfoAsked(request=request.id, until=until, assignment=share.id if share is not None else None)
    told = Text(value="\n".join(items(wanted)), audience="requester", request=request.id)
    return await append(work, file, event, {"list": told})


async def end_info(work: Work, file: CaseFile, request: RequestRow, *, how: str, reason: str = "") -> Entry:
    """Wait no longer: they answered, their time is over, or (``dropped``) it goes on without."""
    event = InfoEnded(request=request.id, how=how, unit=file.case.lead_unit or "")
    return await append(work, file, event, {"reason": Text(value=reason)})


async def lapse_info(work: Work, file: CaseFile, request: RequestRow) -> Entry:
    """逾期未补充: no unit has the case and it ends."""
    return await append(work, file, InfoLapsed(request=request.id))


async def ask_suspension(
    work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, plan: str, review: datetime
) -> Entry:
    """申请挂账; where it stands suspended, to prolong it with a fresh plan."""
    texts = {"reason": Text(value=reason), "plan": Text(value=plan)}
    return await append(work, file, SuspensionAsked(assignment=share.id, review=review), texts)


async def refuse_suspension(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str) -> Entry:
    """不同意挂账: the clocks go on as they did."""
    event = SuspensionRefused(assignment=share.id, unit=share.unit)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def suspend(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, review: datetime) -> Entry:
    """同意挂账 until ``review``: the clocks stand from now, not from the asking."""
    event = Suspended(assignment=share.id, review=review, unit=share.unit, is_again=file.case.paused is not None)
    return await append(work, file, event, {"reason": Text(value=reason)})


async def review(work: Work, file: CaseFile, share: AssignmentRow, *, until: datetime) -> Entry:
    """The review date has come."""
    return await append(work, file, ReviewDue(assignment=share.id, until=until, unit=share.unit))


async def resume(work: Work, file: CaseFile, share: AssignmentRow, *, how: str, reason: str) -> Entry:
    """恢复办理, by the unit, the centre, or for want of a decision at the review."""
    event = Resumed(assignment=share.id, how=how, unit=share.unit)
    return await append(work, file, event, {"reason": Text(value=reason)})
