"""Acts on the case page: a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from datetime import timedelta

from cases import events_pause as p
from cases import pauses
from cases.event import Event
from cases.states import WORKING
from cases.views import CaseView
from hotline import clock
from web.cases import asks_pause, choices_pause
from web.cases.choices import Standing
from web.cases.spec import Spec, act

_ACCEPT, _HANDLE, _DECIDE = "case.accept", "case.handle", "suspension.decide"


def _info_asked(at: Standing) -> Event | None:
    found = choices_pause.to_ask(at.view)
    if at.view.case.state not in ("registered", "accepted") or not found:
        return None
    return p.InfoAsked(request=found[0].id, until=clock.now())


def _info_asked_by_unit(at: Standing) -> Event | None:
    own, found = at.view.own, choices_pause.to_ask(at.view)
    if own is None or own.role != "lead" or own.state not in ("signed", "in_progress") or not found:
        return None
    return p.InfoAsked(request=found[0].id, until=clock.now(), assignment=own.id)


def _dropped(at: Standing) -> Event | None:
    request = pauses.awaited(at.view.file)
    return p.InfoEnded(request=request.id, how="dropped") if request is not None else None


def _dropped_by_unit(at: Standing) -> Event | None:
    return _dropped(at) if at.view.own is not None and at.view.own.id == at.view.case.paused_share else None


def _suspension_asked(at: Standing) -> Event | None:
    own, case = at.view.own, at.view.case
    if own is None or own.role != "lead" or own.state not in ("signed", "in_progress"):
        return None
    if case.state not in WORKING or case.urgency == "critical":
        return None
    review = max(clock.now(), case.review_at or clock.now()) + timedelta(days=1)
    return p.SuspensionAsked(assignment=own.id, review=review)


def _suspension_decided(at: Standing) -> Event | None:
    share = choices_pause.asking(at.view)
    return p.SuspensionRefused(assignment=share.id) if share is not None else None


def _resumed(at: Standing) -> Event | None:
    case = at.view.case
    if case.paused != pauses.SUSPENDED or case.paused_share is None:
        return None
    return p.Resumed(assignment=case.paused_share, how="centre")


def _resumed_by_unit(at: Standing) -> Event | None:
    return _resumed(at) if at.view.own is not None and at.view.own.id == at.view.case.paused_share else None


def _is_asked(view: CaseView) -> bool:
    return choices_pause.asking(view) is not None


SPECS: tuple[Spec, ...] = (
    act("suspension_decision", "suspension-decision", "批复挂账", "Decide the suspension", _DECIDE,
        asks_pause.SuspensionDecision, _suspension_decided, start=choices_pause.start_decision, is_main=_is_asked),
    act("info_ask", "info-request", "请诉求人补充", "Ask for more information", _ACCEPT, asks_pause.InfoAsk,
        _info_asked, start=choices_pause.start_info),
    act("info_ask_unit", "unit-info-request", "请诉求人补充", "Ask for more information", _HANDLE, asks_pause.InfoAsk,
        _info_asked_by_unit, start=choices_pause.start_info),
    act("info_drop", "info-drop", "不再等补充", "Stop waiting", _ACCEPT, asks_pause.Reasoned, _dropped),
    act("info_drop_unit", "unit-info-drop", "不再等补充", "Stop waiting", _HANDLE, asks_pause.Reasoned,
        _dropped_by_unit),
    act("suspension_ask", "suspension-request", "申请挂账", "Ask to suspend", _HANDLE, asks_pause.SuspensionAsk,
        _suspension_asked),
    act("resume_unit", "unit-resumption", "恢复办理", "Resume", _HANDLE, asks_pause.Reasoned, _resumed_by_unit),
    act("resume", "resumption", "恢复办理", "Resume", _DECIDE, asks_pause.Reasoned, _resumed),
)  # fmt: skip
