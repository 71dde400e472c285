"""What follows when somebody is dissatisfied: an order on the second rework, and a limit to put a rating right."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases import events as e
from cases import rectify
from cases.file import CaseFile, Entry
from cases.rectify import RectificationRow
from hotline import city
from hotline.actor import SYSTEM
from hotline.errors import Refusal
from hotline.ids import new_id
from hotline.work import Work
from sla import calendar, clocks, plans, supervision

RULE = "rework_dissatisfied"
_ANNULLED = "SELECT EXISTS (SELECT FROM rating WHERE request_id = $1 AND annulled_at IS NOT NULL)"
ROUNDS = 2
"""A unit's result after a rework is its second; a third round goes under a supervision order (domain.md 2.9)."""


async def on_reworked(work: Work, file: CaseFile, entry: Entry) -> None:
    """Dissatisfied again after a rework: no third silent round. An order that is still unanswered says so already."""
    assignment = file.assignments[entry.event.assignment]  # type: ignore[attr-defined]
    if assignment.round <= ROUNDS:
        return
    who, work.actor = work.actor, SYSTEM
    try:
        await supervision.order(work, file, assignment, rule=RULE)
    except Refusal as refusal:
        if refusal.code != "ordered":
            raise
    finally:
        work.actor = who


async def on_put_off(work: Work, file: CaseFile, entry: Entry) -> None:
    """The visit of a plan is due when it was put off to: one clock goes, the next begins on that day."""
    event = entry.event
    assert isinstance(event, e.VisitMissed)  # noqa: S101 - the flow says so
    if event.outcome != "later" or event.next_at is None or not plans.is_plan(file):
        return
    profile = file.lead.profile if file.lead else clocks.profile_of(file)
    await clocks.stop(work, file, "visit", subject=event.request, void=True)
    row = clocks.make(file, "request", event.request, "visit", profile=profile, unit="", start=event.next_at)
    await clocks.start(work, file, [row])


def due_from(start: datetime) -> datetime:
    """Until when a rating "dissatisfied" given at ``start`` is looked into (rule ``rating.rectify``, working days)."""
    snapshot = city.current()
    return calendar.of(snapshot).add_working_days(start, int(snapshot.rule("rating.rectify"))).at


async def on_rated(work: Work, file: CaseFile, entry: Entry) -> None:
    """不满意 on a closed case, from the requester's own hand: the centre looks into it. What a visit heard it knows.

    Not what it heard of a rating that was annulled: whoever is dissatisfied anew is called anew.
    """
    event = entry.event
    assert isinstance(event, e.Rated)  # noqa: S101 - the flow says so
    request = file.requests[event.request]
    if event.grade != "dissatisfied" or event.channel in {"visit", "import"}:
        return
    if request.cause is not None and not await work.connection.fetchval(_ANNULLED, event.request):
        return
    work.add(
        RectificationRow(
            id=new_id(), case_id=file.case.id, request_id=event.request, rating_id=event.rating,
            opened_at=work.now, due_at=due_from(work.now),
        )
    )  # fmt: skip


async def on_followed(work: Work, _: CaseFile, entry: Entry) -> None:
    """What came of looking into it, on its row."""
    event = entry.event
    row = await rectify.opened(work, event.rectification)  # type: ignore[attr-defined]
    if event.outcome == "unreached":  # type: ignore[attr-defined]
        row.tries += 1
        return
    row.state, row.cause = event.outcome, event.cause  # type: ignore[attr-defined]
    if row.state == "answered":
        row.ended_at, row.ended_by = work.now, work.actor.id


async def on_reopened(work: Work, _: CaseFile, entry: Entry) -> None:
    """A rating that waited to be put right is put right by the rework."""
    await _end(work, entry.event.request, "reopened")  # type: ignore[attr-defined]


async def on_annulled(work: Work, _: CaseFile, entry: Entry) -> None:
    """A rating that does not stand asks for nothing."""
    await _end(work, entry.event.request, "annulled")  # type: ignore[attr-defined]


async def on_erased(work: Work, _: CaseFile, entry: Entry) -> None:
    """Nobody is left to be asked: a rating that waited waits no more."""
    for request in entry.event.requests:  # type: ignore[attr-defined]
        await _end(work, request, "annulled")


async def _end(work: Work, request: UUID, state: str) -> None:
    row = await rectify.waiting(work, request)
    if row is not None:
        row.state, row.ended_at, row.ended_by = state, work.now, work.actor.id
