"""Addresses of the acts: an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_extend
from cases.file import CaseFile
from hotline.errors import Refusal, Say, invalid
from hotline.work import Work
from sla import extending
from web import forms
from web.access import Who
from web.cases import asks, asks_extend, sent
from web.cases.doing import assignment, done, own
from web.cases.page import shown

AnyRequest = Request[Any, Any, Any]
_HANDLE, _DECIDE = "case.handle", "extension.decide"
PROOF = "extension"
"""The kind of subject that an ask's files belong to: the share that asked."""


def _asked(until: str) -> tuple[float, str]:
    """So much more, or 0 and a statute's code."""
    if until.startswith("law:"):
        return 0.0, until.removeprefix("law:")
    try:
        return float(until), ""
    except ValueError:
        raise invalid({"until": Say("请从列表里选延到哪天。", "Choose until when from the list.")}) from None


@post("/cases/{number:str}/extension-request", opt={"needs": _HANDLE}, status_code=200)
async def ask(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """申请延期, with its proof."""
    try:
        proofs = await sent.looked_at(request, "proof")
    except Refusal as refusal:
        form = await forms.read(request, asks_extend.Extension)
        return await shown(request, actor, number, "extension", form=form, refusal=refusal)

    async def do(w: Work, file: CaseFile, given: asks_extend.Extension) -> None:
        share = own(file, actor)
        amount, law = _asked(given.until)
        await extending.ask(
            w, file, share, amount=amount, reason=given.reason, told=given.told, law=law or given.law,
            proofs=len(proofs),
        )  # fmt: skip
        await sent.keep(w, proofs, (PROOF, share.id), actor, file.case.id)

    said = Say("已申请延期；期限照走，等答复。", "Asked; the clock runs on until it is answered.")
    return await done(request, actor, number, "extension", do, said)


@post("/cases/{number:str}/extension-decision", opt={"needs": _DECIDE}, status_code=200)
async def decide(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """答复延期: agreed to, or refused with the reason."""

    async def do(w: Work, file: CaseFile, given: asks_extend.ExtensionDecision) -> None:
        share = assignment(file, given.assignment)
        if given.decision == "refuse":
            await extending.refuse(w, file, share, reason=given.reason)
        else:
            await extending.grant(w, file, share, told=given.told, amount=given.amount, reason=given.reason)

    return await done(request, actor, number, "extension_decision", do, Say("已答复。", "Answered."))


@post("/cases/{number:str}/statutory-limit", opt={"needs": _DECIDE}, status_code=200)
async def apply_law(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """适用法定期限."""

    async def do(w: Work, file: CaseFile, given: asks_extend.Statutory) -> None:
        await extending.apply_law(w, file, law=given.law, reason=given.reason)

    said = Say("已改用法定期限，法条已记在案上。", "The statutory limit holds; its citation stands on the case.")
    return await done(request, actor, number, "statutory_limit", do, said)


@post("/cases/{number:str}/admission", opt={"needs": _HANDLE}, status_code=200)
async def admit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """决定受理."""

    async def do(w: Work, file: CaseFile, _: asks.Plain) -> object:
        return await verbs_extend.admit(w, file, own(file, actor))

    return await done(request, actor, number, "admit", do, Say("已决定受理。", "Taken up."))


ROUTES: list[Any] = [ask, decide, apply_law, admit]
