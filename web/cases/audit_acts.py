"""Addresses of the acts: wishes to withdraw once a unit has it; claims made, decided, reversed on appeal."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_audit, verbs_visit
from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work
from sla import claims, findings
from web.access import Who
from web.cases import asks_audit
from web.cases.doing import assignment, done, own, request_of

AnyRequest = Request[Any, Any, Any]
_NOTED = Say("已记下，由中心打电话核实；期限照走。", "Noted; the centre will call them. The clock runs on.")


@post("/cases/{number:str}/withdrawal-wish", opt={"needs": "call.take"}, status_code=200)
async def wish(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """要求撤单, told to the centre by the requester."""

    async def do(w: Work, file: CaseFile, given: asks_audit.Wish) -> object:
        return await verbs_audit.wish_withdrawal(w, file, request_of(file, given.request), words=given.words)

    return await done(request, actor, number, "withdraw_wish", do, _NOTED)


@post("/cases/{number:str}/withdrawal-report", opt={"needs": "case.handle"}, status_code=200)
async def unit_wish(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """The unit says that they want to withdraw: it is they who will be asked."""

    async def do(w: Work, file: CaseFile, given: asks_audit.Wish) -> object:
        own(file, actor)
        asked = request_of(file, given.request)
        return await verbs_audit.wish_withdrawal(w, file, asked, words=given.words, told_by="unit")

    return await done(request, actor, number, "unit_wish", do, _NOTED)


@post("/cases/{number:str}/claim", opt={"needs": "case.handle"}, status_code=200)
async def claim(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请认定 by the unit, before its result is due."""

    async def do(w: Work, file: CaseFile, given: asks_audit.Claim) -> object:
        share = own(file, actor)
        return await claims.claim(w, file, share, claim=given.claim, reason=given.reason, basis=given.basis)

    said = Say("已申请，等中心认定；期限照走。", "Claimed; the centre decides. The clock runs on.")
    return await done(request, actor, number, "claim", do, said)


@post("/cases/{number:str}/claim-decision", opt={"needs": "claim.decide"}, status_code=200)
async def decide(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """认定. Upheld for the lead it closes the case, with a polite word to the requester."""
    said = Say("已认定，不计入考核。", "Upheld: excluded from scores.")

    async def do(w: Work, file: CaseFile, given: asks_audit.ClaimDecision) -> None:
        nonlocal said
        share, is_upheld = assignment(file, given.assignment), given.decision == "uphold"
        await verbs_audit.decide_claim(w, file, share, is_upheld=is_upheld, reason=given.reason, reply=given.reply)
        if not is_upheld:
            said = Say("没有认定，期限照旧。", "Not upheld: the clock ran on.")

    return await done(request, actor, number, "claim_decision", do, lambda: said)


@post("/cases/{number:str}/claim-reversal", opt={"needs": "claim.decide"}, status_code=200)
async def reverse(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """撤销认定 on appeal: it counts again, and a case that was closed for it is opened again."""

    async def do(w: Work, file: CaseFile, given: asks_audit.ClaimReversal) -> None:
        share = assignment(file, given.assignment)
        was = share.claim
        await verbs_audit.reverse_claim(w, file, share, reason=given.reason)
        if file.case.state == "closed" and file.case.close_reason == was and findings.at_closing(file) is share:
            await verbs_visit.reopen(w, file, assignment=share, reason=given.reason, cause="error")

    said = Say("已撤销认定，恢复计入考核。", "Reversed; it counts again.")
    return await done(request, actor, number, "claim_reversal", do, said)


ROUTES: list[Any] = [wish, unit_wish, claim, decide, reverse]
