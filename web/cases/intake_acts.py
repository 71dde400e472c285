"""Acts on a case that waits: accept, answer, transfer, decline."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs
from cases.file import CaseFile
from hotline import city
from hotline.errors import Say, invalid
from hotline.permissions import demand
from hotline.work import Work
from routing import assign
from sla import clocks
from web.access import Who
from web.cases import asks
from web.cases.doing import check_unit, done

NEEDS = "case.accept"
AnyRequest = Request[Any, Any, Any]


async def _accept(w: Work, file: CaseFile, given: asks.Accept) -> object:
    county = given.county
    town = city.current().township(given.township) if given.township else None
    if given.township and (town is None or (county and town.county != county)):
        raise invalid(
            {"township": Say("这个乡镇街道不在所选区县，请核对。", "That subdistrict is not in the district chosen.")}
        )
    if given.unit:  # matter and unit in one step: the router leaves the case alone
        demand(w.actor, "case.dispatch")
        check_unit(w.actor, given.unit)
        assign.by_person(w, file)
    entry = await verbs.accept(
        w, file, matter=given.matter, county=county or (town.county if town else city.CITY),
        township=given.township or None, place=given.place, title="" if file.case.is_sealed else given.title,
        summary=given.summary, urgency=given.urgency, no_place=given.no_place or None,
    )  # fmt: skip
    if given.unit:
        return await verbs.dispatch(w, file, unit=given.unit, profile=clocks.profile_of(file))
    return entry


@post("/cases/{number:str}/acceptance", opt={"needs": NEEDS}, status_code=200)
async def accept(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """受理: the flow dispatches it from here."""
    return await done(request, actor, number, "accept", _accept, Say("已受理。", "Accepted."))


@post("/cases/{number:str}/answer", opt={"needs": NEEDS}, status_code=200)
async def answer(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """直接答复."""

    async def do(w: Work, file: CaseFile, given: asks.Answer) -> object:
        return await verbs.answer(w, file, reply=given.reply)

    return await done(request, actor, number, "answer", do, Say("已答复。", "Answered."))


@post("/cases/{number:str}/transfer", opt={"needs": NEEDS}, status_code=200)
async def transfer(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """转接."""

    async def do(w: Work, file: CaseFile, given: asks.Transfer) -> object:
        return await verbs.transfer(w, file, target=given.target, reference=given.reference, reply=given.reply)

    return await done(request, actor, number, "transfer", do, Say("已转接。", "Transferred."))


@post("/cases/{number:str}/decline", opt={"needs": NEEDS}, status_code=200)
async def decline(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """不予受理."""

    async def do(w: Work, file: CaseFile, given: asks.Decline) -> object:
        return await verbs.decline(w, file, reason=given.reason, channel=given.channel, reply=given.reply)

    return await done(request, actor, number, "decline", do, Say("已记为不予受理。", "Recorded as declined."))


ROUTES = [accept, answer, transfer, decline]
