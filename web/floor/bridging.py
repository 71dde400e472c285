"""经热线通话: a call from a case through the centre, which dials both legs; the number is in no page and no answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import demands, scope, visit_claims
from cases.file import CaseFile
from channels import bridge, calls, seats
from hotline import db, jobs, vault
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.permissions import may
from hotline.work import work
from web import fields
from web.access import Who
from web.cases_access import opened_for
from web.render import Flash, see_other

AnyRequest = Request[Any, Any, Any]
SAY = Say(
    "热线正在拨打您的话机，接起后自动接通诉求人；通话会录音。",
    "The hotline is calling your telephone; pick it up and you are connected. The call is recorded.",
)


async def call(request: AnyRequest, actor: Actor, number: str, purpose: str, back: str) -> Response[str]:
    """Ring the person and then the requester of a case; back to ``back`` with what happens, or why it cannot."""
    posted = await fields.posted(request)
    try:
        if own := (posted.get("own_phone") or [""])[0]:
            await seats.give_phone(actor.id, own)
        async with work(actor) as w:
            file = await opened_for(w, number)
            _check(file, actor, purpose)
            asked = _request_of(file, (posted.get("request") or [""])[0])
            if purpose == "visit":
                await visit_claims.take(w.connection, actor, asked.id)
            plain = vault.unseal(asked.phone, "case_text.phone") if asked.phone else ""
            await bridge.dial(
                w.connection, actor, number=plain, purpose=purpose, line=file.case.line or "12345",
                case_id=file.case.id, request_id=asked.id,
            )  # fmt: skip
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        say = next(iter(refusal.fields.values()), refusal.say)
        return see_other(request, back, flash=Flash(say, "error"))
    await calls.tell([actor.id])
    await jobs.nudge("ring")
    return see_other(request, back, flash=SAY)


def _check(file: CaseFile, actor: Actor, purpose: str) -> None:
    """A unit calls about its own live case only; whoever accepted or handled it makes no return visit."""
    if purpose == "visit" and not demands.may_visit(file, actor):
        raise conflict(
            "not_separate",
            "受理人、承办人不能回访自己的件，请换人。",
            "Whoever accepted or handled it cannot call back; let somebody else do it.",
        )
    if purpose == "contact" and not any(one.unit in actor.units for one in file.live):
        raise not_found()
    if purpose == "contact" and scope.is_of_house(actor.unit, file.case.about_units):
        raise conflict(
            "about_itself",
            "被投诉单位不能联系投诉人，请由中心联系。",
            "The unit complained about does not contact whoever complained; the centre does.",
        )


def _request_of(file: CaseFile, text: str) -> Any:
    try:
        found = file.requests.get(UUID(text)) if text else file.first_request
    except ValueError:
        found = None
    if found is None:
        raise invalid({"request": Say("请选要联系的诉求人。", "Choose whom to call.")})
    return found


@post("/cases/{number:str}/call", opt={"needs": "case.handle"}, status_code=200)
async def contact(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """First contact by the unit that has the case; the talk goes into the case as contact through the hotline."""
    return await call(request, actor, number, "contact", f"/cases/{number}")


@post("/visits/{receipt:str}/call", opt={"needs": "case.visit"}, status_code=200)
async def visit(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """A return visit by telephone; what was said is recorded in the visit's own form."""
    async with db.reading() as connection:
        found = await connection.fetchrow(
            "SELECT c.number, c.is_open FROM request r JOIN cases c ON c.id = r.case_id WHERE r.receipt_no = $1",
            receipt,
        )
    if found is None or not may(actor, "case.visit"):
        raise not_found()
    back = f"/visits/{receipt}" if found["is_open"] else f"/visits/ratings?r={receipt}"
    return await call(request, actor, str(found["number"]), "visit", back)


ROUTES = [contact, visit]
