"""Start, stop and reopen clocks. Each act is a reaction that ``hotline/flow.py`` lists; the calendar does the sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from cases import events as e
from cases.events_conference import LeadDueMoved
from cases.file import CaseFile, Entry
from cases.ledger import append
from cases.rows import AssignmentRow
from hotline import city, clock
from hotline.errors import conflict
from hotline.ids import new_id
from hotline.permissions import may
from hotline.work import Work
from sla import calendar, co_handling, plans, standing, targets
from sla.rows import ClockRow

ANSWER = "answer"
"""A requester's own date on a case that holds several: it is the centre's to keep, and counts for no unit."""
_OPEN = "SELECT {} FROM clock WHERE case_id = $1 ORDER BY started_at, id"


async def of_case(work: Work, file: CaseFile) -> list[ClockRow]:
    """All clocks of the case, stopped ones too, tracked for change; read once a transaction."""
    kept: dict[UUID, list[ClockRow]] = work.kept.setdefault("clocks", {})
    if file.case.id not in kept:
        columns = ", ".join(ClockRow.__struct_fields__)
        rows = [ClockRow(**r) for r in await work.connection.fetch(_OPEN.format(columns), file.case.id)]
        for row in rows:
            work.track(row)
        kept[file.case.id] = rows
    return kept[file.case.id]


def fresh_case(work: Work, file: CaseFile) -> None:
    """Note that a case just made has no clocks yet, so that none are looked for."""
    work.kept.setdefault("clocks", {}).setdefault(file.case.id, [])


def promise(
    stage: str, profile: str, start: datetime, law: str | None = None, unit: str = ""
) -> tuple[targets.Promise, datetime]:
    """The promise of ``stage`` under ``profile`` beginning at ``start``, and the moment its yellow begins.

    ``law``: the statute of the case, whose own time to finish goes before the profile's. By the calendar of the
    unit's county; the centre's own stages by the city's.
    """
    snapshot = city.current()
    where = calendar.jurisdiction_of(snapshot, unit) if snapshot.calendar.local else ""
    return _reckoned(snapshot, stage, profile, start, law, where)


@lru_cache(maxsize=256)
def _reckoned(
    snapshot: city.City, stage: str, profile: str, start: datetime, law: str | None, where: str
) -> tuple[targets.Promise, datetime]:
    """Kept for a while: the messages of one batch begin at one moment, and most have the same profile."""
    days, target = calendar.of(snapshot, where), targets.under_law(snapshot, profile, stage, law)
    if target is None:
        raise KeyError((profile, stage))
    one = targets.promised(days, profile, stage, start, target)
    return one, targets.warn_at(days, one)


def make(
    file: CaseFile, subject: str, subject_id: UUID, stage: str, *, profile: str, unit: str, start: datetime
) -> ClockRow | None:
    """A clock row, not yet written; None where the profile promises nothing for the stage."""
    if targets.of(city.current()).target(profile, stage) is None:
        return None
    one, warn = promise(stage, profile, start, file.case.law, unit)
    return ClockRow(
        id=new_id(), case_id=file.case.id, subject=subject, subject_id=subject_id, unit=unit, stage=stage,
        profile=profile, measure=one.unit, amount=Decimal(str(one.amount)), started_at=start, due_at=one.due_at,
        warn_at=warn, is_provisional=one.provisional, version=targets.of(city.current()).version(profile, stage),
    )  # fmt: skip


async def start(work: Work, file: CaseFile, rows: Iterable[ClockRow | None]) -> None:
    """Write the clocks, and one event that says what was promised."""
    made = [row for row in rows if row is not None]
    if not made:
        return
    (await of_case(work, file)).extend(made)
    for row in made:
        work.add(row)
        standing.stand_with(row, file.case.paused, work.now)
    await append(work, file, e.Promised(promises=tuple(map(promised, made))))


def promised(row: ClockRow) -> e.Promise:
    """What the ledger keeps of a clock: of what, until when, whose."""
    return e.Promise(
        clock=row.id, stage=row.stage, profile=row.profile, due=row.due_at, unit=row.unit,
        is_provisional=row.is_provisional, request=row.subject_id if row.stage == ANSWER else None,
        version=row.version,
    )  # fmt: skip


async def stop(work: Work, file: CaseFile, *stages: str, subject: UUID | None = None, void: bool = False) -> None:
    """Stop the running clocks of these stages (all stages when none is named), of one subject or of the whole case.

    The ledger learns the dates of those that stood until now: they are what they are judged by, or run on to.
    """
    stood = []
    for row in await of_case(work, file):
        if row.stopped_at is None and (not stages or row.stage in stages) and subject in (None, row.subject_id):
            stood += [row] if row.paused_at is not None else []
            standing.end(row, work.now, void=void)
    if stood:
        await append(work, file, e.Promised(promises=tuple(map(promised, stood))))


async def show_next(work: Work, file: CaseFile) -> None:
    """Put the nearest running promise on the case row, for the queue and its order."""
    show_nearest(file, await of_case(work, file))


def show_nearest(file: CaseFile, rows: Iterable[ClockRow]) -> None:
    """``show_next`` over clocks at hand; of two that are due at once always the same one, so that a rebuild agrees."""
    running = [row for row in rows if row.stopped_at is None and row.paused_at is None]
    nearest = min(running, key=lambda row: (row.due_at, row.id), default=None)
    case = file.case
    case.next_due = nearest.due_at if nearest else None
    case.next_stage = nearest.stage if nearest else None
    case.next_warn = nearest.warn_at if nearest else None
    case.is_provisional = nearest.is_provisional if nearest else False


async def show_next_after(work: Work, file: CaseFile, entry: Entry) -> None:
    """``show_next`` as a reaction: the last word of whatever started or stopped a clock.

    Where the case stands no more, whatever ended that, its promises go on, and the ledger learns their new dates.
    """
    rows = standing.go_on_all(await of_case(work, file), work.now) if file.case.paused is None else []
    if rows:
        await append(work, file, e.Promised(promises=tuple(map(promised, rows))))
    await show_next(work, file)


def profile_of(file: CaseFile) -> str:
    """The clock profile that urgency, the statute applied, kind and matter give, in this order (domain.md 2.6)."""
    statute = city.current().statutes.get(file.case.law or "")
    if statute is not None and file.case.urgency != "critical":
        return statute.profile
    matter = city.current().matter(file.case.matter) if file.case.matter else None
    return targets.profile_for(file.case.kind, file.case.urgency, matter.profile if matter else None)


async def on_registered(work: Work, file: CaseFile, entry: Entry) -> None:
    """Start the accept clock: two working hours, 15 minutes when critical. Imported cases bring their own."""
    fresh_case(work, file)
    if file.case.channel != "import":
        one = make(file, "case", file.case.id, "accept", profile=profile_of(file), unit="", start=work.now)
        await start(work, file, [one])


async def on_accepted(work: Work, file: CaseFile, entry: Entry) -> None:
    """The accept clock stops, the dispatch clock starts."""
    await stop(work, file, "accept")
    await start_dispatch(work, file)


async def start_dispatch(work: Work, file: CaseFile) -> None:
    """Start the case's dispatch clock now: nobody has it."""
    one = make(file, "case", file.case.id, "dispatch", profile=profile_of(file), unit="", start=work.now)
    await start(work, file, [one])


async def on_dispatched(work: Work, file: CaseFile, entry: Entry) -> None:
    """The dispatch clock stops; the unit's clocks start now, not at sign-off (design.md 5).

    A unit that joins late takes the case out of the audit's hands: the audit begins anew once all have handled.
    """
    await stop(work, file, "dispatch")
    await stop(work, file, "audit", void=True)
    if (before := getattr(entry.event, "replaces", None)) is not None:
        await stop(work, file, subject=before, void=True)
    assignment = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]  # dispatched or co_handler_added
    rows = unit_clocks(file, assignment, work.now)
    moved = await _side_by_side(work, file, assignment, rows)
    await start(work, file, rows)
    if moved is not None:
        await append(work, file, moved)


async def _side_by_side(
    work: Work, file: CaseFile, assignment: AssignmentRow, rows: Sequence[ClockRow | None]
) -> LeadDueMoved | None:
    """Fit the finish clock of a new share among the others; the event that says so when the lead's old one moves.

    A new lead's date is made to reach that of co-handlers who stay. A late co-handler moves the lead's date when the
    centre adds it; anybody else gets the 409 ``no_room``.
    """
    own = next((row for row in rows if row is not None and row.stage == "finish"), None)
    known = await of_case(work, file)
    if own is None or file.lead is None:
        return None
    if assignment.role == "lead":
        last = max((r.due_at for r in known if _is_open_co(file, r)), default=own.due_at)
        if last > own.due_at:
            co_handling.follow(own, last)
        return None
    leads = [r for r in known if r.subject_id == file.lead.id and r.stage == "finish"]
    if not leads:
        return None
    lead = leads[-1]
    co_handling.fit(own, lead)
    return lead_follows(work, file, lead, own)


def _is_open_co(file: CaseFile, row: ClockRow) -> bool:
    share = file.assignments.get(row.subject_id)
    return row.stage == "finish" and row.stopped_at is None and share is not None and share.role == "co"


def lead_follows(work: Work, file: CaseFile, lead: ClockRow, co: ClockRow) -> LeadDueMoved | None:
    """Move the lead's running promise behind a co-handler's, and return the event to append; None if it is already.

    The twin of an extension: only the centre may (409 ``no_room`` else). A promise that is broken stays broken.
    """
    if co.due_at <= lead.due_at or not co_handling.is_running(lead, work.now):
        return None
    if not any(may(work.actor, need) for need in ("case.dispatch", "conference.hold")):
        raise co_handling.no_room(lead)
    was = lead.due_at
    co_handling.follow(lead, co.due_at)
    standing.warn_anew(lead, work.now)
    return LeadDueMoved(assignment=lead.subject_id, clock=lead.id, was=was, due=lead.due_at, because=co.unit)


def unit_clocks(
    file: CaseFile, assignment: AssignmentRow, start: datetime, skip: Sequence[str] = ()
) -> list[ClockRow | None]:
    """The clocks of one unit's share: those its profile promises. No first contact where nobody can be reached."""
    book = targets.of(city.current())
    contactless = all(r.phone is None for r in file.requests.values())
    return [
        make(file, "assignment", assignment.id, stage, profile=assignment.profile, unit=assignment.unit, start=start)
        for stage in book.stages(assignment.profile)
        if stage not in skip and not (stage == "first_contact" and contactless)
    ]


async def on_signed(work: Work, file: CaseFile, entry: Entry) -> None:
    """The sign-off clock stops."""
    await stop(work, file, "sign_off", subject=entry.event.assignment)  # type: ignore[attr-defined]


async def on_contacted(work: Work, file: CaseFile, entry: Entry) -> None:
    """The first-contact clock stops, and the feedback clock where there is one."""
    await stop(work, file, "first_contact", "feedback", subject=entry.event.assignment)  # type: ignore[attr-defined]


async def on_handled(work: Work, file: CaseFile, entry: Entry) -> None:
    """The unit's clocks stop; when nobody else is working the audit clock starts."""
    await stop(work, file, subject=entry.event.assignment)  # type: ignore[attr-defined]
    await start_audit(work, file)


async def start_audit(work: Work, file: CaseFile) -> None:
    """The audit clock starts once the lead has handled and nobody else is working."""
    lead = file.lead
    if lead is not None and lead.state == "handled" and not file.at_units:
        one = make(file, "case", file.case.id, "audit", profile=lead.profile, unit="", start=work.now)
        await start(work, file, [one])


async def on_sent_back(work: Work, file: CaseFile, entry: Entry) -> None:
    """The finish clock runs on with its old due date: an audit that refuses gives no new time."""
    await stop(work, file, "audit")
    assignment = entry.event.assignment  # type: ignore[attr-defined]
    finish = [r for r in await of_case(work, file) if r.subject_id == assignment and r.stage == "finish"]
    if finish:
        finish[-1].stopped_at = finish[-1].outcome = None
        standing.stand_with(finish[-1], file.case.paused, work.now)


async def on_left(work: Work, file: CaseFile, entry: Entry) -> None:
    """A unit lost the case (recalled or returned): its clocks are void; without a lead the dispatch clock starts.

    When the last one that others waited for has left, the audit begins.
    """
    await stop(work, file, subject=entry.event.assignment, void=True)  # type: ignore[attr-defined]
    if file.lead is None:
        await start_dispatch(work, file)
    else:
        await start_audit(work, file)


async def on_approved(work: Work, file: CaseFile, entry: Entry) -> None:
    """The audit clock stops, and the dates told to single requesters; each that awaits its visit gets its own clock."""
    await stop(work, file, "audit", ANSWER)
    profile, begins = file.lead.profile if file.lead else profile_of(file), await plans.visit_from(work, file)
    await start(
        work,
        file,
        [
            make(file, "request", request.id, "visit", profile=profile, unit="", start=begins)
            for request in file.requests.values()
            if request.state == "awaiting_visit"
        ],
    )


async def on_visited(work: Work, file: CaseFile, entry: Entry) -> None:
    """The visit clock of this request stops once it is visited or exempt."""
    request = file.requests[entry.event.request]  # type: ignore[attr-defined]
    if request.state != "awaiting_visit":
        await stop(work, file, "visit", subject=request.id)


async def on_reworked(work: Work, file: CaseFile, entry: Entry) -> None:
    """The unit at fault gets its profile again, as a new clock (rules.md 6)."""
    await stop(work, file, "visit", void=True)
    assignment = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]
    await start(work, file, unit_clocks(file, assignment, work.now, skip=("sign_off",)))


def check_return(file: CaseFile, assignment: AssignmentRow, now: datetime) -> None:
    """Refuse a return asked too late: one working day after dispatch, urgent cases 30 minutes (domain.md 2.8)."""
    snapshot = city.current()
    if file.case.urgency == "normal":
        within = int(snapshot.rule("return.within"))
        limit = calendar.of(snapshot).add_working_days(assignment.dispatched_at, within).at
    else:
        limit = assignment.dispatched_at + timedelta(minutes=float(snapshot.rule("return.urgent_minutes")))
    if now > limit:
        at = clock.local(limit)
        raise conflict(
            "return_late",
            f"退回期限已过（{at:%m-%d %H:%M}），可申请会商。",
            f"The time for returning has passed ({at:%m-%d %H:%M}); ask for a conference.",
        )


async def on_ended(work: Work, file: CaseFile, entry: Entry) -> None:
    """Everything that still runs on the case stops for good."""
    await stop(work, file, "accept")
    await stop(work, file, void=True)
