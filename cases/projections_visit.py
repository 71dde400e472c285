"""Projections of return visits: word and tries, why not visited, the answer by message, reopening. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from cases import events_visit as e
from cases.file import CaseFile, Entry
from cases.rows import RequestRow, VisitRow
from cases.states_visit import GONE, OWN_FAULT


def afresh(request: RequestRow) -> None:
    """The next result has its own return visit, with all its tries; the grades so far stay.

    Who withdrew, or whose data is erased, is not asked again.
    """
    if request.state in GONE:
        return
    request.state, request.is_solved, request.visit_tries = "open", None, 0
    request.exempt_by = request.asked_until = request.visit_channel = request.cause = None


def redo(file: CaseFile, request: UUID) -> None:
    """This request is visited again, and every other that is dissatisfied through a unit's own doing.

    So is whoever was not drawn: what was reworked is visited whole (``visit_policy.share_of``).
    """
    for one in file.requests.values():
        is_unhappy = one.state in {"visited", "exempt"} and one.cause in OWN_FAULT
        if one.id == request or is_unhappy or one.exempt_by == "sample":
            afresh(one)


def _graded(request: RequestRow, grade: str | None) -> None:
    """The first grade stands for ever, the final one is the last."""
    if grade is not None:
        request.first_grade = request.first_grade or grade
        request.final_grade = grade


def _visited(file: CaseFile, event: Any, entry: Entry) -> None:
    request = file.requests[event.request]
    request.visited_at, request.is_solved = entry.row.at, event.is_solved
    request.visit_channel, request.cause = event.channel, event.cause
    _graded(request, event.grade)
    file.fresh.append(
        _visit(
            file, event, entry, outcome="reached", was_contacted=event.was_contacted, is_solved=event.is_solved,
            is_truthful=event.is_truthful, grade=event.grade, cause=event.cause,
        )
    )  # fmt: skip


def _visit_missed(file: CaseFile, event: Any, entry: Entry) -> None:
    request = file.requests[event.request]
    if event.outcome != "later" and not event.is_repeat:
        request.visit_tries += 1
    if event.is_last or event.outcome == "refused":
        request.state, request.exempt_by = "exempt", "tries" if event.outcome != "refused" else "refused"
        request.asked_until = event.asked_until
    file.fresh.append(_visit(file, event, entry, outcome=event.outcome, next_at=event.next_at))


def _visit_answered(file: CaseFile, event: e.VisitAnswered, entry: Entry) -> None:
    request = file.requests[event.request]
    request.visited_at, request.visit_channel, request.asked_until = entry.row.at, event.channel, None
    request.exempt_by = None
    _graded(request, event.grade)
    file.fresh.append(_visit(file, event, entry, outcome="answered", grade=event.grade))


def _visit(file: CaseFile, event: Any, entry: Entry, **more: Any) -> VisitRow:
    return VisitRow(
        id=event.visit, case_id=file.case.id, request_id=event.request, at=entry.row.at, visitor=entry.row.actor,
        channel=event.channel, **more,
    )  # fmt: skip


def _visit_wished(file: CaseFile, event: e.VisitWished, _: Entry) -> None:
    file.requests[event.request].wish = event.part


def _cause_set(file: CaseFile, event: e.CauseSet, _: Entry) -> None:
    file.requests[event.request].cause = event.cause


def _rating_followed(file: CaseFile, event: e.RatingFollowed, _: Entry) -> None:
    if event.cause is not None:
        file.requests[event.request].cause = event.cause


def _reopened(file: CaseFile, event: e.Reopened, _: Entry) -> None:
    """The one unit at fault works again; the others that the closing ended stand where they stood, with results.

    A withdrawal that ended the case does not stand either: it is asked for again, and its shares count in scores.
    """
    case, fault = file.case, file.assignments[event.assignment]
    for share in file.assignments.values():
        if share.ended_at is not None and share.ended_at == case.closed_at:
            share.ended_at = None
            share.state = "in_progress" if share.id == fault.id else "handled"
            share.excluded = None if share.excluded == "withdrawn" else share.excluded
    if case.close_reason == "withdrawn" and file.requests[event.request].state == "withdrawn":
        file.requests[event.request].state = "open"
    case.closed_at = case.close_reason = None
    case.rework_count += 1
    fault.round += 1
    fault.profile = event.profile
    fault.handled_at = fault.handled_by = None
    redo(file, event.request)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "visited": _visited,
    "visit_missed": _visit_missed,
    "visit_answered": _visit_answered,
    "visit_wished": _visit_wished,
    "cause_set": _cause_set,
    "rating_followed": _rating_followed,
    "reopened": _reopened,
}
