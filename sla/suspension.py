"""挂账 in time: the moment of a review date, what happens when it comes, and when nobody decides then."""

from __future__ import annotations

from datetime import date, datetime

from cases import pauses, verbs_pause
from cases.file import CaseFile, Entry
from cases.rows import AssignmentRow
from hotline import city
from hotline.errors import Say
from hotline.work import Work
from sla import calendar
from sla.timed import Due

NOBODY_DECIDED = Say("复核日期已过，没有决定。", "The review date passed without a decision.")


def moment(day: date) -> datetime:
    """When a review on ``day`` is due: at the close of work."""
    return calendar.of(city.current()).close_of(day)


async def ask(work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, plan: str, review: date) -> Entry:
    """申请挂账 (or to prolong it), with ground, plan and review date. The clocks run on until the city approves."""
    return await verbs_pause.ask_suspension(work, file, share, reason=reason, plan=plan, review=moment(review))


async def approve(
    work: Work, file: CaseFile, share: AssignmentRow, *, reason: str, review: date | None = None
) -> Entry:
    """同意, for the review date that was asked or another one: the clocks stand from now."""
    until = moment(review) if review is not None else share.suspension_review or work.now
    return await verbs_pause.suspend(work, file, share, reason=reason, review=until)


async def come_due(work: Work, file: CaseFile, due: Due) -> int:
    """The review date has come: on the lists of supervisor and unit for ``suspension.review_grace`` working days."""
    share = _standing(file)
    if share is None or not pauses.is_under_review(file, work.now) or file.case.paused_until != file.case.review_at:
        return 0
    grace = max(1, int(city.current().rule("suspension.review_grace")))
    until = calendar.of(city.current()).add_working_days(work.now, grace).at
    await verbs_pause.review(work, file, share, until=until)
    return 1


async def lapse(work: Work, file: CaseFile, due: Due) -> int:
    """Nobody decided at the review: the clocks go on by themselves, so that nothing stands for ever."""
    share, until = _standing(file), file.case.paused_until
    if share is None or until is None or until > work.now or until == file.case.review_at:
        return 0
    await verbs_pause.resume(work, file, share, how="review", reason=NOBODY_DECIDED.zh)
    return 1


def _standing(file: CaseFile) -> AssignmentRow | None:
    """The share for which the case is suspended."""
    is_suspended = file.case.paused == pauses.SUSPENDED and file.case.paused_share is not None
    return file.assignments.get(file.case.paused_share) if is_suspended else None  # type: ignore[arg-type]
