"""Acts on the case page of a unit's own hands: objection, release, handing down, reporting up, the head's approval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cases import events as e
from cases import events_hands as h
from cases.rows import AssignmentRow
from cases.states import AT_UNIT
from cases.verbs_head import waits_for_head
from cases.views import CaseView
from hotline import clock
from hotline.errors import Refusal
from hotline.ids import new_id
from sla import handing
from web.cases import asks, asks_hands, choices_hands
from web.cases.choices import Standing, start_result
from web.cases.spec import Make, Spec, act, yes

_HANDLE, _DISPATCH, _APPROVE = "case.handle", "case.dispatch", "case.approve"


def _own(make: Callable[[AssignmentRow, Standing], e.Event | None]) -> Make:
    return lambda at: make(at.view.own, at) if at.view.own is not None else None


def _first(find: Callable[[CaseView], Sequence[AssignmentRow]], make: Callable[[AssignmentRow], e.Event]) -> Make:
    return lambda at: make(found[0]) if (found := find(at.view)) else None


def _claim(kind: type[h.ReportedUp | h.HeadAsked], one: AssignmentRow) -> e.Event:
    return kind(
        assignment=one.id, result=one.result or "resolved", is_substantiated=True, has_contacted=True, is_solved=True
    )


def _report_up(one: AssignmentRow, at: Standing) -> e.Event | None:
    return None if one.role != "below" or waits_for_head(one, at.actor) else _claim(h.ReportedUp, one)


def _head_ask(one: AssignmentRow, at: Standing) -> e.Event | None:
    return _claim(h.HeadAsked, one) if waits_for_head(one, at.actor) else None


def _hand_down(one: AssignmentRow, at: Standing) -> e.Event | None:
    if one.state not in AT_UNIT or not choices_hands.lower(at.view):
        return None
    return h.HandedDown(assignment=one.id, child=new_id(), unit="", profile=one.profile, due=clock.now())


def _send_down(one: AssignmentRow, at: Standing) -> e.Event | None:
    found = choices_hands.reported(at.view) if one.state in AT_UNIT else []
    return h.SentDown(assignment=found[0].id) if found else None


def _hand_back(one: AssignmentRow, _: Standing) -> e.Event | None:
    return h.HandedBack(assignment=one.id) if one.role == "below" and one.state in AT_UNIT else None


def _object(one: AssignmentRow, at: Standing) -> e.Event | None:
    if one.role == "below" or one.state not in AT_UNIT or one.objected_at is not None:
        return None
    try:
        handing.check_objection(at.view.file, one, clock.now())
    except Refusal:
        return None
    return h.Objected(assignment=one.id)


def _co_ask(ask: str) -> Make:
    def event(at: Standing) -> e.Event | None:
        lead = at.view.own
        if lead is None or lead.role != "lead" or lead.state not in ("signed", "in_progress"):
            return None
        there = choices_hands.co_handlers(at.view)
        if ask == "release" and not there:
            return None
        return h.CoHandlerAsked(assignment=lead.id, ask=ask, unit=there[0].unit if ask == "release" else "")

    return event


def _co_decision(at: Standing) -> e.Event | None:
    lead = at.view.file.lead
    return h.CoAskRefused(assignment=lead.id) if lead is not None and lead.co_ask is not None else None


def _head_approve(at: Standing) -> e.Event | None:
    one = choices_hands.head_waits(at.view, at.actor)
    return h.HeadApproved(assignment=one.id, asked=0) if one is not None else None


def _head_refuse(at: Standing) -> e.Event | None:
    one = choices_hands.head_waits(at.view, at.actor)
    return h.HeadRefused(assignment=one.id) if one is not None else None


SPECS: tuple[Spec, ...] = (
    act("head_approve", "head-approval", "批准", "Approve", _APPROVE, asks.Plain, _head_approve, key="KeyA",
        is_plain=True, is_main=yes),
    act("head_refuse", "head-refusal", "退回修改", "Send back", _APPROVE, asks_hands.Reasoned, _head_refuse,
        key="KeyD"),
    act("head_ask", "head-request", "报请批准", "Submit for approval", _HANDLE, asks.Result, _own(_head_ask),
        start=start_result, key="KeyR", is_main=yes),
    act("report_up", "report-up", "上报", "Report up", _HANDLE, asks.Result, _own(_report_up), start=start_result,
        key="KeyR", is_main=yes),
    act("hand_down", "handing-down", "下派", "Hand down", _HANDLE, asks_hands.HandDown, _own(_hand_down)),
    act("send_down", "sending-down", "退回下级", "Send down again", _HANDLE, asks_hands.SendDown, _own(_send_down),
        start=choices_hands.start_share(choices_hands.reported)),
    act("take_back", "taking-back", "收回下派", "Take back", _HANDLE, asks_hands.OfShare,
        _first(choices_hands.given_down, lambda one: h.TakenBack(assignment=one.id)),
        start=choices_hands.start_share(choices_hands.given_down)),
    act("hand_back", "handing-back", "退回上级", "Hand back", _HANDLE, asks_hands.Reasoned, _own(_hand_back)),
    act("objection", "objection", "提出异议", "Object", _HANDLE, asks_hands.Object, _own(_object)),
    act("objection_decision", "objection-decision", "裁定异议", "Decide the objection", _DISPATCH,
        asks_hands.ObjectionDecision,
        _first(choices_hands.objecting, lambda one: h.ObjectionDecided(assignment=one.id, is_upheld=False)),
        start=choices_hands.start_share(choices_hands.objecting), is_main=yes),
    act("co_ask_add", "co-handler-request", "申请加派", "Ask for a co-handler", _HANDLE, asks_hands.CoAsk,
        _co_ask("add")),
    act("co_ask_release", "co-handler-release-request", "申请协办退出", "Ask to release a co-handler", _HANDLE,
        asks_hands.CoAsk, _co_ask("release")),
    act("co_ask_decision", "co-handler-decision", "答复协办申请", "Answer about co-handlers", _DISPATCH,
        asks_hands.CoDecision, _co_decision, is_main=yes),
    act("co_release", "co-handler-release", "协办退出", "Release a co-handler", _DISPATCH, asks_hands.OfShare,
        _first(choices_hands.co_handlers, lambda one: h.CoHandlerReleased(assignment=one.id)),
        start=choices_hands.start_share(choices_hands.co_handlers)),
)  # fmt: skip
