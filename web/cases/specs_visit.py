"""Acts on the case page: a return visit beyond its first answers: the hour wished for, reopening."""

from __future__ import annotations

from cases import events as base
from cases import events_visit as e
from cases.states_visit import REOPEN_CAUSES
from web.cases import asks_visit, choices_visit
from web.cases.choices import Standing
from web.cases.spec import Spec, act, of_request


def _reopened(at: Standing) -> base.Event | None:
    shares = choices_visit.ended_by_closing(at.view.file)
    if at.view.case.state != "closed" or not shares:
        return None
    return e.Reopened(
        assignment=shares[0].id, request=at.view.file.first_request.id, profile=shares[0].profile,
        cause=next(iter(REOPEN_CAUSES)),
    )  # fmt: skip


SPECS: tuple[Spec, ...] = (
    act("reopen", "reopening", "重启重办", "Reopen", "case.reopen", asks_visit.Reopen, _reopened,
        start=choices_visit.start_reopen),
    act("wish", "visit-wish", "约回访时间", "When to call back", "call.take", asks_visit.Wish,
        of_request(("open", "awaiting_visit"), lambda one: e.VisitWished(request=one.id, part="")),
        start=choices_visit.start_wish),
)  # fmt: skip
