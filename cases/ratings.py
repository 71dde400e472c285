"""Ratings: a grade given in the return visit becomes the rating at closing; otherwise the requester may still rate."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases import ledger, verbs
from cases.events_visit import VisitAnswered
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from cases.states import RATEABLE
from cases.states_visit import GONE
from hotline import city, db
from hotline.work import Work

BY_PERSON = frozenset({None, "phone", "site"})


async def on_closed(work: Work, file: CaseFile, entry: Entry) -> None:
    """What the requester said in the visit, or by message, counts as their rating, once the case is closed."""
    for request in file.requests.values():
        if request.state in GONE:
            continue  # whose withdrawal stands counts in nobody's scores
        if request.visited_at is not None and request.first_grade is not None and request.rated_at is None:
            grade, way = request.final_grade or request.first_grade, request.visit_channel
            if way in BY_PERSON:
                await verbs.rate(work, file, request, grade=grade, channel="visit")
            else:
                raw, scale = await as_answered(work.connection, request) or (grade, "four")
                await verbs.rate(work, file, request, grade=grade, channel=str(way), raw=raw, scale=scale)


async def as_answered(connection: db.Connection, request: RequestRow) -> tuple[str, str] | None:
    """The last answer by message to a return visit of this request as it was given, and in which scale."""
    for one in reversed(await ledger.entries(connection, request.case_id)):
        event = one.event
        if isinstance(event, VisitAnswered) and event.request == request.id:
            return event.raw_grade or event.grade, event.scale
    return None


def may_answer(file: CaseFile, request: RequestRow, now: datetime) -> bool:
    """Whether a grade now is the answer to a return visit that reached nobody (rule ``visit.rating_days``)."""
    until = request.asked_until
    return file.case.state == "callback" and request.state == "exempt" and until is not None and now <= until


def may_rate(file: CaseFile, request: RequestRow, now_days: timedelta | None = None) -> bool:
    """Whether the requester may rate now: the case has ended in a way that can be rated, and it was not rated yet."""
    if file.case.state not in RATEABLE or request.rated_at is not None or request.state in GONE:
        return False
    window = timedelta(days=int(city.current().rule("rating.window_days")))
    return now_days is None or now_days <= window
