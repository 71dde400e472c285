"""Acts on the case page of conferences and joint site visits."""

from __future__ import annotations

from cases import events as e
from cases import events_conference as c
from cases import events_site as s
from cases import site_visits
from cases.rows_site import SiteVisitRow
from cases.views import CaseView
from hotline import clock
from hotline.ids import new_id
from web.cases import asks_conference as asks
from web.cases import choices_conference as choices
from web.cases.choices import Standing
from web.cases.spec import Spec, act

_HANDLE, _DISPATCH = "case.handle", "case.dispatch"
_CALLED_FROM = ("accepted", "active", "rework")


def _call(at: Standing) -> e.Event | None:
    return c.ConferenceCalled(cause="unclear") if at.view.case.state in _CALLED_FROM else None


def _withdraw(at: Standing) -> e.Event | None:
    return c.ConferenceWithdrawn() if at.view.case.state == "in_conference" else None


def _led(at: Standing) -> SiteVisitRow | None:
    """The open slot, when the actor's unit leads the case."""
    return site_visits.planned(at.view.file) if _leads(at) else None


def _leads(at: Standing) -> bool:
    return at.view.own is not None and at.view.own.role == "lead" and at.view.case.state in ("active", "rework")


def _plan(at: Standing) -> e.Event | None:
    if not _leads(at) or at.view.own is None or site_visits.planned(at.view.file) is not None:
        return None
    now = clock.now()
    return s.SiteVisitPlanned(slot=new_id(), unit=at.view.own.unit, starts=now, ends=now, units=(at.view.own.unit,))


def _move(at: Standing) -> e.Event | None:
    slot = _led(at)
    if slot is None:
        return None
    return s.SiteVisitMoved(slot=slot.id, starts=slot.starts_at, ends=slot.ends_at, units=slot.units)


def _held(at: Standing) -> e.Event | None:
    slot = _led(at)
    return s.SiteVisitHeld(slot=slot.id, attended=slot.units) if slot is not None else None


def _cancel(at: Standing) -> e.Event | None:
    slot = _led(at)
    return s.SiteVisitCancelled(slot=slot.id, starts=slot.starts_at) if slot is not None else None


def _answer(at: Standing) -> e.Event | None:
    slot, own = site_visits.planned(at.view.file), at.view.own
    if slot is None or own is None or own.unit == slot.unit or own.unit not in slot.units:
        return None
    return s.SiteVisitAnswered(slot=slot.id, unit=own.unit, comes=True)


def _is_unanswered(view: CaseView) -> bool:
    slot, own = site_visits.planned(view.file), view.own
    return slot is not None and own is not None and own.unit not in (*slot.coming, *slot.declined)


SPECS: tuple[Spec, ...] = (
    act("site_answer", "site-visit/answer", "答复上门", "Answer the visit", _HANDLE, asks.SiteAnswer, _answer,
        is_main=_is_unanswered),
    act("site_held", "site-visit/outcome", "记录上门结果", "Record the visit", _HANDLE, asks.SiteHeld, _held,
        start=choices.start_held),
    act("site_plan", "site-visit", "约定联合上门", "Arrange a joint visit", _HANDLE, asks.SitePlan, _plan,
        start=choices.start_plan),
    act("site_move", "site-visit/move", "上门改期", "Move the visit", _HANDLE, asks.SiteMove, _move,
        start=choices.start_move),
    act("site_cancel", "site-visit/cancel", "取消上门", "Cancel the visit", _HANDLE, asks.SiteCancel, _cancel),
    act("conference_call", "conference", "提请会商", "Call to a conference", _DISPATCH, asks.Call, _call),
    act("conference_withdraw", "conference/withdrawal", "撤回会商", "Withdraw from the conference", _DISPATCH,
        asks.CallWithdraw, _withdraw),
)  # fmt: skip
