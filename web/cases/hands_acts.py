"""Addresses of the acts of a unit's own hands: objection, release, handing down, reporting up, the head's approval."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_hands, verbs_head
from cases.file import CaseFile
from cases.rows import AssignmentRow
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.work import Work
from sla import clocks, handing
from web.access import Who
from web.cases import asks, asks_hands
from web.cases.doing import assignment, check_unit, done, own
from web.cases.unit_acts import checked_result

AnyRequest = Request[Any, Any, Any]
_HANDLE, _DISPATCH, _APPROVE = "case.handle", "case.dispatch", "case.approve"


def _below(file: CaseFile, actor: Actor, given: asks_hands.OfShare) -> AssignmentRow:
    """The share that the form names, directly below one of the actor's; 404 for any other."""
    share = assignment(file, given.assignment)
    above = file.assignments.get(share.parent_assignment) if share.parent_assignment else None
    if above is None or above.unit not in actor.units:
        raise not_found()
    return share


def _waiting(file: CaseFile, actor: Actor) -> AssignmentRow:
    waiting = [one for one in file.at_units if one.head_asked_at is not None and one.unit in actor.units]
    return next((one for one in waiting if one.unit == actor.unit), waiting[0]) if waiting else own(file, actor)


@post("/cases/{number:str}/head-approval", opt={"needs": _APPROVE}, status_code=200)
async def head_approve(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """批准: the result leaves the unit."""

    async def do(w: Work, file: CaseFile, _: asks.Plain) -> object:
        return await verbs_head.approve(w, file, _waiting(file, actor))

    return await done(request, actor, number, "head_approve", do, Say("已批准。", "Approved."))


@post("/cases/{number:str}/head-refusal", opt={"needs": _APPROVE}, status_code=200)
async def head_refuse(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """退回修改, to one's own handlers."""

    async def do(w: Work, file: CaseFile, given: asks_hands.Reasoned) -> object:
        return await verbs_head.refuse(w, file, _waiting(file, actor), reason=given.reason)

    return await done(request, actor, number, "head_refuse", do, Say("已退回修改。", "Sent back."))


@post("/cases/{number:str}/head-request", opt={"needs": _HANDLE}, status_code=200)
async def head_ask(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """报请批准."""

    async def do(w: Work, file: CaseFile, given: asks.Result) -> object:
        return await verbs_head.submit(w, file, own(file, actor), **checked_result(given))

    return await done(request, actor, number, "head_ask", do, Say("已报请负责人批准。", "Submitted to the head."))


@post("/cases/{number:str}/report-up", opt={"needs": _HANDLE}, status_code=200)
async def report_up(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """上报, to the unit above."""

    async def do(w: Work, file: CaseFile, given: asks.Result) -> object:
        return await verbs_head.submit(w, file, own(file, actor), **checked_result(given))

    return await done(request, actor, number, "report_up", do, Say("已上报。", "Reported up."))


@post("/cases/{number:str}/handing-down", opt={"needs": _HANDLE}, status_code=200)
async def hand_down(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """下派, to a unit below, hop by hop."""

    async def do(w: Work, file: CaseFile, given: asks_hands.HandDown) -> object:
        share = own(file, actor)
        return await handing.hand_down(w, file, share, unit=given.unit, due=given.due, reason=given.reason)

    said = Say("已下派，本单位的期限照走。", "Handed down; your own clock runs on.")
    return await done(request, actor, number, "hand_down", do, said)


@post("/cases/{number:str}/sending-down", opt={"needs": _HANDLE}, status_code=200)
async def send_down(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """退回下级."""

    async def do(w: Work, file: CaseFile, given: asks_hands.SendDown) -> object:
        return await verbs_hands.send_down(w, file, _below(file, actor, given), reason=given.reason)

    return await done(request, actor, number, "send_down", do, Say("已退回下级。", "Sent down again."))


@post("/cases/{number:str}/taking-back", opt={"needs": _HANDLE}, status_code=200)
async def take_back(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """收回下派."""

    async def do(w: Work, file: CaseFile, given: asks_hands.OfShare) -> object:
        return await verbs_hands.take_back(w, file, _below(file, actor, given), reason=given.reason)

    return await done(request, actor, number, "take_back", do, Say("已收回。", "Taken back."))


@post("/cases/{number:str}/handing-back", opt={"needs": _HANDLE}, status_code=200)
async def hand_back(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """退回上级."""

    async def do(w: Work, file: CaseFile, given: asks_hands.Reasoned) -> object:
        return await verbs_hands.hand_back(w, file, own(file, actor), reason=given.reason)

    return await done(request, actor, number, "hand_back", do, Say("已退回上级。", "Handed back."))


@post("/cases/{number:str}/objection", opt={"needs": _HANDLE}, status_code=200)
async def object_to(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """提出异议."""

    async def do(w: Work, file: CaseFile, given: asks_hands.Object) -> object:
        share = own(file, actor)
        handing.check_objection(file, share, w.now)
        return await verbs_hands.object_to(w, file, share, reason=given.reason, basis=given.basis)

    said = Say("已提出异议，期限照走，等裁定。", "Objected; the clock runs on until it is decided.")
    return await done(request, actor, number, "objection", do, said)


@post("/cases/{number:str}/objection-decision", opt={"needs": _DISPATCH}, status_code=200)
async def decide_objection(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """裁定异议: dismissed, dispatched anew, or to a conference."""

    async def do(w: Work, file: CaseFile, given: asks_hands.ObjectionDecision) -> None:
        share = assignment(file, given.assignment)
        if given.decision == "dismiss":
            await verbs_hands.dismiss_objection(w, file, share, reason=given.reason)
        elif given.decision == "conference":
            await verbs_hands.confer_objection(w, file, share, reason=given.reason)
        else:
            check_unit(actor, given.unit)
            profile = clocks.profile_of(file)
            await verbs_hands.uphold_objection(
                w, file, share, reason=given.reason, unit=given.unit, profile=profile
            )

    return await done(request, actor, number, "objection_decision", do, Say("已裁定。", "Decided."))


async def _co_ask(request: AnyRequest, actor: Actor, number: str, code: str, ask: str) -> Response[str]:
    async def do(w: Work, file: CaseFile, given: asks_hands.CoAsk) -> object:
        lead = own(file, actor)
        return await verbs_hands.ask_co_handler(w, file, lead, unit=given.unit, reason=given.reason, ask=ask)

    return await done(request, actor, number, code, do, Say("已申请，等中心答复。", "Asked; the centre will answer."))


@post("/cases/{number:str}/co-handler-request", opt={"needs": _HANDLE}, status_code=200)
async def ask_co_handler(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请加派."""
    return await _co_ask(request, actor, number, "co_ask_add", "add")


@post("/cases/{number:str}/co-handler-release-request", opt={"needs": _HANDLE}, status_code=200)
async def ask_co_release(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请协办退出."""
    return await _co_ask(request, actor, number, "co_ask_release", "release")


@post("/cases/{number:str}/co-handler-decision", opt={"needs": _DISPATCH}, status_code=200)
async def decide_co_ask(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """答复协办申请."""

    async def do(w: Work, file: CaseFile, given: asks_hands.CoDecision) -> object:
        lead = file.lead
        if lead is None:
            raise not_found()
        if given.decision == "refuse":
            return await verbs_hands.refuse_co_ask(w, file, lead, reason=given.reason)
        check_unit(actor, lead.co_ask_unit or "")
        return await verbs_hands.grant_co_ask(w, file, lead, profile=clocks.profile_of(file), reason=given.reason)

    return await done(request, actor, number, "co_ask_decision", do, Say("已答复。", "Answered."))


@post("/cases/{number:str}/co-handler-release", opt={"needs": _DISPATCH}, status_code=200)
async def release(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """协办退出."""

    async def do(w: Work, file: CaseFile, given: asks_hands.OfShare) -> object:
        return await verbs_hands.release(w, file, assignment(file, given.assignment), reason=given.reason)

    return await done(request, actor, number, "co_release", do, Say("协办单位已退出。", "The co-handler is released."))


ROUTES: list[Any] = [
    head_approve, head_refuse, head_ask, report_up, hand_down, send_down, take_back, hand_back, object_to,
    decide_objection, ask_co_handler, ask_co_release, decide_co_ask, release,
]  # fmt: skip
