"""Addresses of the acts: a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import pauses, verbs_pause
from cases.file import CaseFile
from cases.rows import AssignmentRow
from hotline.actor import Actor
from hotline.errors import Say, conflict, not_found
from hotline.work import Work
from sla import needs_info, suspension
from web.access import Who
from web.cases import asks_pause
from web.cases.doing import done, own, request_of

AnyRequest = Request[Any, Any, Any]
_ACCEPT, _HANDLE, _DECIDE = "case.accept", "case.handle", "suspension.decide"


async def _ask(request: AnyRequest, actor: Actor, number: str, code: str) -> Response[str]:
    async def do(w: Work, file: CaseFile, given: asks_pause.InfoAsk) -> object:
        share = own(file, actor) if code == "info_ask_unit" else None
        return await needs_info.ask(w, file, request_of(file, given.request), wanted=given.wanted, share=share)

    said = Say("已请诉求人补充，时限暂停。", "The requester is asked; the clocks stand.")
    return await done(request, actor, number, code, do, said)


@post("/cases/{number:str}/info-request", opt={"needs": _ACCEPT}, status_code=200)
async def ask_info(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """请诉求人补充, by the centre before dispatch."""
    return await _ask(request, actor, number, "info_ask")


@post("/cases/{number:str}/unit-info-request", opt={"needs": _HANDLE}, status_code=200)
async def ask_info_unit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """请诉求人补充, by the lead unit; the centre's doors carry it."""
    return await _ask(request, actor, number, "info_ask_unit")


async def _drop(request: AnyRequest, actor: Actor, number: str, code: str) -> Response[str]:
    async def do(w: Work, file: CaseFile, given: asks_pause.Reasoned) -> object:
        awaited = pauses.awaited(file)
        if awaited is None:
            raise conflict("not_awaited", "没有在等诉求人补充。", "Nobody is waited for.")
        if code == "info_drop_unit" and own(file, actor).id != file.case.paused_share:
            raise not_found()
        return await verbs_pause.end_info(w, file, awaited, how="dropped", reason=given.reason)

    said = Say("不再等补充，时限继续。", "No longer waiting; the clocks go on.")
    return await done(request, actor, number, code, do, said)


@post("/cases/{number:str}/info-drop", opt={"needs": _ACCEPT}, status_code=200)
async def drop_info(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """不再等补充, by the centre."""
    return await _drop(request, actor, number, "info_drop")


@post("/cases/{number:str}/unit-info-drop", opt={"needs": _HANDLE}, status_code=200)
async def drop_info_unit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """不再等补充, by the unit that asked."""
    return await _drop(request, actor, number, "info_drop_unit")


@post("/cases/{number:str}/suspension-request", opt={"needs": _HANDLE}, status_code=200)
async def ask_suspension(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请挂账, or to prolong it."""

    async def do(w: Work, file: CaseFile, given: asks_pause.SuspensionAsk) -> object:
        share = own(file, actor)
        return await suspension.ask(w, file, share, reason=given.reason, plan=given.plan, review=given.review)

    said = Say("已申请挂账；批准以前期限照走。", "Asked; the clocks run on until it is approved.")
    return await done(request, actor, number, "suspension_ask", do, said)


@post("/cases/{number:str}/suspension-decision", opt={"needs": _DECIDE}, status_code=200)
async def decide_suspension(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """批复挂账."""

    async def do(w: Work, file: CaseFile, given: asks_pause.SuspensionDecision) -> object:
        share = next((one for one in file.live if one.suspension_asked_at is not None), None)
        if share is None:
            raise conflict("not_asked", "没有待批的挂账申请。", "No suspension waits for a decision.")
        if given.decision == "refuse":
            return await verbs_pause.refuse_suspension(w, file, share, reason=given.reason)
        return await suspension.approve(w, file, share, reason=given.reason, review=given.review)

    return await done(request, actor, number, "suspension_decision", do, Say("已批复。", "Decided."))


async def _resume(request: AnyRequest, actor: Actor, number: str, code: str, how: str) -> Response[str]:
    async def do(w: Work, file: CaseFile, given: asks_pause.Reasoned) -> object:
        share: AssignmentRow | None = file.assignments.get(file.case.paused_share) if file.case.paused_share else None
        if share is None:
            raise conflict("not_suspended", "这件没有挂账。", "It is not suspended.")
        if how == "unit" and own(file, actor).id != share.id:
            raise not_found()
        return await verbs_pause.resume(w, file, share, how=how, reason=given.reason)

    return await done(request, actor, number, code, do, Say("已恢复办理，时限继续。", "Resumed; the clocks go on."))


@post("/cases/{number:str}/unit-resumption", opt={"needs": _HANDLE}, status_code=200)
async def resume_unit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """恢复办理, by the unit."""
    return await _resume(request, actor, number, "resume_unit", "unit")


@post("/cases/{number:str}/resumption", opt={"needs": _DECIDE}, status_code=200)
async def resume(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """恢复办理, by the centre."""
    return await _resume(request, actor, number, "resume", "centre")


ROUTES = [
    ask_info, ask_info_unit, drop_info, drop_info_unit, ask_suspension, decide_suspension, resume_unit, resume,
]  # fmt: skip
