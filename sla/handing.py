"""The clocks of what is handed down: each hop due inside the promise above it, which runs on; when one may object."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cases import verbs_hands
from cases.events_hands import HandedDown
from cases.file import CaseFile, Entry
from cases.rows import AssignmentRow
from hotline import city
from hotline.errors import Refusal, Say, conflict, invalid
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, clocks, standing, targets
from sla.rows import ClockRow
from sla.standing import REPORT_UP

SHARE = 0.75
"""Of a promise in hours the lower unit gets so much unless the unit above says otherwise."""


async def hand_down(
    work: Work, file: CaseFile, share: AssignmentRow, *, unit: str, reason: str, due: datetime | None = None
) -> AssignmentRow:
    """下派 to a unit anywhere below, hop by hop, each on the record with a date inside the one above it.

    ``due`` is the date of the first hop, else reckoned. Returns the lowest share. 422 off the tree or out of time.
    """
    for code in verbs_hands.hops(share.unit, unit):
        latest = await promise_of(work, file, share)
        until = inside(latest, work.now) if due is None else checked(latest, due, work.now)
        entry = await verbs_hands.hand_down(work, file, share, unit=code, due=until, reason=reason)
        share, due = file.assignments[entry.event.child], None  # type: ignore[attr-defined]  # handed_down
    return share


async def promise_of(work: Work, file: CaseFile, share: AssignmentRow) -> ClockRow | None:
    """The running promise of a share to be done: to the centre, or to the unit above."""
    rows = await clocks.of_case(work, file)
    own = [r for r in rows if r.subject_id == share.id and r.stopped_at is None and r.stage in ("finish", REPORT_UP)]
    return own[-1] if own else None


def inside(above: ClockRow | None, now: datetime) -> datetime:
    """The date a lower unit gets when nobody names one: the working day before the one above, at least tomorrow.

    Of a promise in hours three quarters of what is left. Where the one above is late already: the next working day.
    """
    days = calendar.of(city.current())
    if above is None or above.due_at <= now:
        return days.add_working_days(now, 1).at
    left = days.working_days_between(now, above.due_at)
    if above.measure == "wd" and left > 1:
        return days.add_working_days(now, left - 1).at
    return above.due_at if above.measure == "wd" else now + (above.due_at - now) * SHARE


def checked(above: ClockRow | None, due: datetime, now: datetime) -> datetime:
    """A date that a person named: in the future and not after the one above. 422 at the field ``due``."""
    if due <= now:
        raise invalid({"due": Say("上报期限要晚于现在。", "It must be due later than now.")})
    if above is not None and above.due_at > now and due > above.due_at:
        at = calendar.of(city.current()).zone
        limit = above.due_at.astimezone(at)
        raise invalid({
            "due": Say(f"不能晚于本单位的期限 {limit:%m-%d %H:%M}。", f"Not later than your own, {limit:%d %b %H:%M}.")
        })  # fmt: skip
    return due


async def on_handed_down(work: Work, file: CaseFile, entry: Entry) -> None:
    """The lower unit's clocks start: to acknowledge and to report up. Those of the unit above run on."""
    event: HandedDown = entry.event  # type: ignore[assignment]  # its kind
    share = file.assignments[event.child]
    above = await promise_of(work, file, file.assignments[event.assignment])
    sign = clocks.make(
        file, "assignment", share.id, "sign_off", profile=share.profile, unit=share.unit, start=work.now
    )  # fmt: skip
    if sign is not None and sign.due_at >= event.due:
        sign = None
    await clocks.start(work, file, [sign, _report(file, share, event.due, above, work.now)])


def _report(
    file: CaseFile, share: AssignmentRow, due: datetime, above: ClockRow | None, now: datetime
) -> ClockRow:
    """The clock of a date that was set: no calendar moves it, so it is never provisional."""
    days = calendar.of_unit(city.current(), share.unit)
    left = days.working_days_between(now, due)
    is_days = above is not None and above.measure == "wd" and left > 0
    measure, amount = ("wd", float(left)) if is_days else ("clock", max((due - now).total_seconds() / 3600, 0.01))
    promise = targets.Promise(
        stage=REPORT_UP, profile=share.profile, start=now, due_at=due, provisional=False, unit=measure, amount=amount,
    )  # fmt: skip
    return ClockRow(
        id=new_id(), case_id=file.case.id, subject="assignment", subject_id=share.id, unit=share.unit,
        stage=REPORT_UP, profile=share.profile, measure=measure, amount=Decimal(str(round(amount, 2))),
        started_at=now, due_at=due, warn_at=targets.warn_at(days, promise), is_provisional=False,
    )  # fmt: skip


async def on_sent_down(work: Work, file: CaseFile, entry: Entry) -> None:
    """The lower unit's date stands as it was: a report that was not enough gives no new time.

    After rework the promise above began anew, and the lower unit gets a date inside that one, as at first.
    """
    share = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]  # sent_down
    own = [r for r in await clocks.of_case(work, file) if r.subject_id == share.id and r.stage == REPORT_UP]
    parent = file.assignments[share.parent_assignment] if share.parent_assignment else None
    above = await promise_of(work, file, parent) if parent is not None else None
    if above is not None and (not own or above.started_at > own[-1].started_at):
        await clocks.start(work, file, [_report(file, share, inside(above, work.now), above, work.now)])
    elif own:
        own[-1].stopped_at = own[-1].outcome = None
        standing.stand_with(own[-1], file.case.paused, work.now)


async def on_left(work: Work, file: CaseFile, entry: Entry) -> None:
    """The clocks of all to whom a lost share was handed down are void with it."""
    gone = {one.id for one in file.assignments.values() if one.role == "below" and one.state == "recalled"}
    for row in await clocks.of_case(work, file):
        if row.subject_id in gone and row.stopped_at is None:
            standing.end(row, work.now, void=True)


def check_objection(file: CaseFile, share: AssignmentRow, now: datetime) -> None:
    """Refuse an objection while a return may still be asked: it comes after a refused one, or when its time is over."""
    if share.return_refusals:
        return
    try:
        clocks.check_return(file, share, now)
    except Refusal:
        return
    raise conflict(
        "return_first",
        "退回期限内请先申请退回；退回没获同意，再提异议。",
        "Ask to return it while there is time; object when that was refused.",
    )
