"""The table of acts: name, address, permission, form, and the event it would be, for asking whether it may be done."""

from __future__ import annotations

from datetime import datetime

from cases import events as e
from cases.rows import AssignmentRow, RequestRow
from cases.views import CaseView
from hotline import clock
from hotline.ids import new_id
from sla import clocks
from web.cases import (
    asks,
    choices,
    choices_hands,
    specs_audit,
    specs_care,
    specs_conference,
    specs_desk,
    specs_extend,
    specs_hands,
    specs_knowledge,
    specs_ladder,
    specs_merge,
    specs_outage,
    specs_pause,
    specs_rating,
    specs_route,
    specs_theme,
    specs_visit,
)
from web.cases.choices import Standing
from web.cases.spec import Spec, act, at_unit, from_centre, intake, of_request, own, submitted, yes


def _accepted(view: CaseView) -> e.Event:
    return e.Accepted(matter=view.case.matter or "", county=view.case.county, no_place="…")


def _dispatched(at: Standing) -> e.Event | None:
    if at.view.file.lead is not None or not at.view.case.is_open:
        return None
    return e.Dispatched(assignment=new_id(), unit="", basis="person", profile="STD5")


def _co_handler(at: Standing) -> e.Event | None:
    return e.CoHandlerAdded(assignment=new_id(), unit="", profile="STD5") if at.view.file.lead is not None else None


def _in_time(at: Standing, now: datetime) -> None:
    if at.view.own is not None:
        clocks.check_return(at.view.file, at.view.own, now)


def _return_decided(at: Standing) -> e.Event | None:
    asked = [one for one in at.view.assignments if one.state == "return_requested"]
    return e.ReturnApproved(assignment=asked[0].id) if asked else None


def _handled(one: AssignmentRow) -> e.Event:
    given = {"is_substantiated": True, "has_contacted": True, "is_solved": True}
    return e.Handled(assignment=one.id, result=one.result or "resolved", **given)


def _approved(at: Standing) -> e.Event | None:
    return e.Approved() if at.view.case.is_open and at.view.file.lead is not None else None


def _visited(one: RequestRow) -> e.Event:
    return e.Visited(visit=new_id(), request=one.id, was_contacted=True, is_solved=True)


def _reworked(at: Standing) -> e.Event | None:
    at_fault, request = choices.at_fault(at.view), choices.unsolved(at.view)
    if not at_fault or request is None:
        return None
    return e.Reworked(assignment=at_fault[0].id, request=request, profile=at_fault[0].profile)


def _closed(at: Standing) -> e.Event | None:
    return (
        e.Closed(reason="resolved")
        if at.view.case.is_open and at.view.case.state not in ("registered", "accepted")
        else None
    )


def _ordered(one: AssignmentRow) -> e.Event:
    return e.Ordered(order=new_id(), number="", unit=one.unit, rule="", assignment=one.id, due=clock.now())


def _order_answered(at: Standing) -> e.Event | None:
    mine = choices.open_orders(at.actor, at.orders)
    return e.OrderAnswered(order=mine[0].id, number=mine[0].number) if mine else None


def _erased(at: Standing) -> e.Event | None:
    has_texts = any(one.state != "erased" for one in at.view.file.requests.values())
    return e.Erased(rule="", erased=()) if has_texts and not at.view.case.is_open else None


def _not_contacted(view: CaseView) -> bool:
    own = view.own  # to contact them is for whoever answers to the centre, before the units below have reported
    return own is not None and own.contacted_at is None and own.role != "below" and not choices_hands.reported(view)


def _no_unsolved(view: CaseView) -> bool:
    return choices.unsolved(view) is None


_TAKE, _ACCEPT, _DISPATCH, _HANDLE = "call.take", "case.accept", "case.dispatch", "case.handle"
_AUDIT, _VISIT, _SUPERVISE = "case.audit", "case.visit", "case.supervise"

SPECS: tuple[Spec, ...] = (
    act(
        "return_decision",
        "return-decision",
        "裁定退回",
        "Decide the return",
        _DISPATCH,
        asks.ReturnDecision,
        _return_decided,
        start=choices.start_return_decision,
        is_main=yes,
    ),
    act(
        "accept",
        "acceptance",
        "受理",
        "Accept",
        _ACCEPT,
        asks.Accept,
        intake(_accepted),
        start=choices.start_accept,
        key="KeyA",
        is_main=yes,
    ),
    act("answer", "answer", "直接答复", "Answer now", _ACCEPT, asks.Answer, intake(lambda _: e.Answered())),
    act(
        "transfer",
        "transfer",
        "转接",
        "Transfer",
        _ACCEPT,
        asks.Transfer,
        intake(lambda _: e.Transferred(target="110")),
    ),
    act(
        "decline",
        "decline",
        "不予受理",
        "Decline",
        _ACCEPT,
        asks.Decline,
        intake(lambda _: e.Declined(reason="statutory_channel")),
    ),
    act(
        "dispatch",
        "dispatch",
        "派单",
        "Dispatch",
        _DISPATCH,
        asks.Dispatch,
        _dispatched,
        start=choices.start_dispatch,
        key="KeyA",
        is_main=yes,
    ),
    act(
        "sign",
        "sign-off",
        "签收",
        "Acknowledge",
        _HANDLE,
        asks.Plain,
        own(lambda one: e.Signed(assignment=one.id)),
        key="KeyS",
        is_plain=True,
        is_main=yes,
    ),
    act(
        "contact",
        "contact",
        "记录首次联系",
        "Record first contact",
        _HANDLE,
        asks.Contact,
        own(lambda one: e.Contacted(assignment=one.id, way="phone")),
        start=choices.start_contact,
        is_main=_not_contacted,
    ),
    act(
        "result",
        "result",
        "提交办结",
        "Submit result",
        _HANDLE,
        asks.Result,
        submitted(_handled),
        start=choices.start_result,
        key="KeyR",
        is_main=yes,
    ),
    act(
        "return",
        "return",
        "申请退回",
        "Ask to return",
        _HANDLE,
        asks.Return,
        from_centre(lambda one: e.ReturnRequested(assignment=one.id, ground="function")),
        key="KeyT",
        check=_in_time,
    ),
    act(
        "order_reply",
        "order-reply",
        "回复督办单",
        "Answer the order",
        _HANDLE,
        asks.OrderReply,
        _order_answered,
        start=choices.start_order_reply,
    ),
    act("audit", "audit", "审核", "Audit", _AUDIT, asks.Audit, _approved, start=choices.start_audit, is_main=yes),
    act(
        "rework", "rework", "重办", "Rework", _VISIT, asks.Rework, _reworked, start=choices.start_rework, is_main=yes
    ),
    act(
        "visit",
        "visits",
        "记录回访",
        "Record visit",
        _VISIT,
        asks.Visit,
        of_request(("open", "awaiting_visit"), _visited),
        start=choices.start_visit,
        is_main=yes,
    ),
    act("close", "closure", "结案", "Close", _VISIT, asks.Close, _closed, is_main=_no_unsolved),
    act(
        "recall",
        "recall",
        "改派",
        "Re-dispatch",
        _DISPATCH,
        asks.Recall,
        at_unit(lambda one: e.Recalled(assignment=one.id)),
        start=choices.start_recall,
    ),
    act("co_handler", "co-handlers", "加派", "Add co-handler", _DISPATCH, asks.CoHandler, _co_handler),
    act(
        "remind",
        "reminder",
        "催办",
        "Remind",
        _SUPERVISE,
        asks.Remind,
        at_unit(lambda one: e.Reminded(unit=one.unit)),
        start=choices.start_remind,
    ),
    act(
        "order",
        "supervision-order",
        "督办",
        "Supervise",
        _SUPERVISE,
        asks.Order,
        at_unit(_ordered),
        start=choices.start_remind,
    ),
    act(
        "words",
        "words",
        "补充",
        "Add words",
        _TAKE,
        asks.Words,
        of_request(("open", "awaiting_visit", "visited", "exempt"), lambda one: e.WordsAdded(request=one.id)),
        start=choices.start_request,
    ),
    act(
        "urge",
        "urging",
        "诉求人催办",
        "The requester urges",
        _TAKE,
        asks.Urge,
        of_request(("open",), lambda one: e.Urged(request=one.id)),
        start=choices.start_request,
        is_plain=True,
    ),
    act(
        "withdraw",
        "withdrawal",
        "撤单",
        "Withdraw",
        _TAKE,
        asks.Withdraw,
        of_request(("open",), lambda one: e.Withdrawn(request=one.id)),
        start=choices.start_request,
    ),
    act("erase", "erasure", "删除个人信息", "Erase personal data", "case.erase", asks.Erase, _erased),
    *specs_care.SPECS,
    *specs_hands.SPECS,
    *specs_conference.SPECS,
    *specs_merge.SPECS,
    *specs_route.SPECS,
    *specs_pause.SPECS,
    *specs_extend.SPECS,
    *specs_ladder.SPECS,
    *specs_visit.SPECS,
    *specs_audit.SPECS,
    *specs_rating.SPECS,
    *specs_theme.SPECS, *specs_desk.SPECS, *specs_knowledge.SPECS, *specs_outage.SPECS,
)
"""In the order in which they are looked for; the first that is main and may be done is the likely one."""
