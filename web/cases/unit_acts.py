"""Acts of the unit that has the case: acknowledge, first contact, result, return, answering a supervision order."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import redaction, verbs
from cases.file import CaseFile
from cases.rows import AssignmentRow
from cases.states import RESULTS
from hotline import city
from hotline.errors import Say, invalid
from hotline.work import Work
from sla import clocks, supervision
from web.access import Who
from web.cases import asks
from web.cases.doing import done, own

NEEDS = "case.handle"
AnyRequest = Request[Any, Any, Any]
_SHARED = 12
"""So many characters of the internal note in the reply are no accident (ux.md 5)."""


def doubts(note: str, reply: str) -> Say | None:
    """What in a reply makes one look again: somebody's particulars, or a stretch of the internal note; else None."""
    found = [one.text for one in redaction.finds(reply, kinds=redaction.INDEXED_KINDS)]
    shared = shared_run(note, reply)
    zh, en = [], []
    if found:
        names = "、".join(dict.fromkeys(found[:3]))
        zh.append(f"答复里有“{names}”，像是个人信息")
        en.append(f"the reply holds “{names}”, which looks personal")
    if len(shared) >= _SHARED:
        zh.append(f"“{shared}”与内部办理情况相同")
        en.append(f"“{shared}” stands in the internal note too")
    if not zh:
        return None
    return Say(
        "；".join(zh) + "。请改，或勾选“我看过了”。",
        "; ".join(en).capitalize() + ". Change it, or tick that you have looked.",
    )


def shared_run(one: str, other: str) -> str:
    """The longest stretch that stands in both texts."""
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return one[match.a : match.a + match.size]


def checked_result(given: asks.Result) -> dict[str, Any]:
    """What the form says, as the verbs take it; 422 for an unknown result or a reply that makes one look again."""
    if given.result not in RESULTS:
        raise invalid({"result": Say("请选办理结果。", "Choose the result.")})
    if not given.is_checked and (why := doubts(given.note, given.reply)):
        raise invalid({"reply": why})
    return {
        "result": given.result, "note": given.note, "reply": given.reply, "reason": given.reason,
        "is_substantiated": bool(given.is_substantiated), "has_contacted": bool(given.has_contacted),
        "is_solved": bool(given.is_solved), "is_beyond_remit": bool(given.is_beyond_remit),
    }  # fmt: skip


@post("/cases/{number:str}/sign-off", opt={"needs": NEEDS}, status_code=200)
async def sign(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """签收."""

    async def do(w: Work, file: CaseFile, _: asks.Plain) -> object:
        return await verbs.sign(w, file, own(file, actor))

    return await done(request, actor, number, "sign", do, Say("已签收。", "Acknowledged."))


@post("/cases/{number:str}/contact", opt={"needs": NEEDS}, status_code=200)
async def contact(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """首次联系."""

    async def do(w: Work, file: CaseFile, given: asks.Contact) -> object:
        return await verbs.contact(w, file, own(file, actor), way=given.way, said=given.said)

    return await done(request, actor, number, "contact", do, Say("已记下联系情况。", "Contact recorded."))


@post("/cases/{number:str}/result", opt={"needs": NEEDS}, status_code=200)
async def submit_result(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """提交办结: to the audit, never to closed (seed 004-46)."""

    async def do(w: Work, file: CaseFile, given: asks.Result) -> object:
        return await verbs.handle(w, file, own(file, actor), **checked_result(given))

    return await done(request, actor, number, "result", do, Say("已提交，等审核。", "Submitted, awaiting the audit."))


def _check_suggested(share: AssignmentRow, suggested: str) -> None:
    if suggested and suggested not in city.current().units:
        raise invalid({"suggested": Say("请从列表里选单位。", "Choose a unit from the list.")})
    if suggested == share.unit:
        raise invalid({"suggested": Say("建议的就是本单位，请另选。", "That is your own unit; choose another.")})


@post("/cases/{number:str}/return", opt={"needs": NEEDS}, status_code=200)
async def ask_return(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请退回, while there is time."""

    async def do(w: Work, file: CaseFile, given: asks.Return) -> object:
        share = own(file, actor)
        clocks.check_return(file, share, w.now)
        _check_suggested(share, given.suggested)
        return await verbs.ask_return(
            w, file, share, ground=given.ground, basis=given.basis, suggested=given.suggested or None
        )

    return await done(
        request,
        actor,
        number,
        "return",
        do,
        Say("已申请退回，期限照走，等裁定。", "Asked for; the clock runs on until it is decided."),
    )


@post("/cases/{number:str}/order-reply", opt={"needs": NEEDS}, status_code=200)
async def answer_order(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """回复督办单."""

    async def do(w: Work, _: CaseFile, given: asks.OrderReply) -> object:
        return await supervision.answer_order(w, given.order, reply=given.reply, units=actor.units)

    return await done(request, actor, number, "order_reply", do, Say("已回复督办单。", "The order is answered."))


ROUTES = [sign, contact, submit_result, ask_return, answer_order]
