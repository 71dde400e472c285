"""Acts on cases that are not routed plainly: risk, verifying first, discipline, enterprise levels."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_care
from cases.file import CaseFile
from hotline import city
from hotline.errors import Say, conflict, invalid
from hotline.work import Work
from routing import leaders
from sla import ladder_instructions
from web.access import Who
from web.cases import asks_care as asks
from web.cases import choices_care
from web.cases.doing import done, own, request_of

AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/summary", opt={"needs": "case.dispatch"}, status_code=200)
async def summarise(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """写转述."""

    async def do(w: Work, file: CaseFile, given: asks.Summary) -> object:
        return await verbs_care.summarise(w, file, summary=given.summary)

    return await done(request, actor, number, "summary", do, Say("转述已写好。", "The summary is kept."))


@post("/cases/{number:str}/complained-about", opt={"needs": "case.accept"}, status_code=200)
async def name_about(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """记被投诉单位."""

    async def do(w: Work, file: CaseFile, given: asks.About) -> object:
        if city.current().unit(given.unit) is None:
            raise invalid({"unit": Say("请从列表里选单位。", "Choose the unit from the list.")})
        return await verbs_care.name_about(
            w, file, request_of(file, given.request), unit=given.unit, person=given.person
        )

    said = Say("已记下；它不能自己办，也看不到诉求人。", "Kept: it cannot handle this alone, nor see who spoke.")
    return await done(request, actor, number, "about", do, said)


@post("/cases/{number:str}/risk", opt={"needs": "case.read"}, status_code=200)
async def flag(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """标记敏感 by whoever sees the risk."""

    async def do(w: Work, file: CaseFile, given: asks.Flag) -> object:
        return await verbs_care.flag(w, file, kinds=(given.kind,), reason=given.reason)

    said = Say("已标记，班长马上看到。", "Flagged; the supervisor sees it at once.")
    return await done(request, actor, number, "flag", do, said)


@post("/cases/{number:str}/risk-seen", opt={"needs": "case.supervise"}, status_code=200)
async def see_risk(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """已知晓."""

    async def do(w: Work, file: CaseFile, given: asks.Seen) -> object:
        return await verbs_care.see_risk(w, file, reason=given.reason)

    return await done(request, actor, number, "seen", do, Say("已记下您知晓。", "Noted that you know."))


@post("/cases/{number:str}/risk-clearance", opt={"needs": "case.supervise"}, status_code=200)
async def clear(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """解除敏感."""

    async def do(w: Work, file: CaseFile, given: asks.Clear) -> object:
        return await verbs_care.clear_flag(w, file, reason=given.reason)

    return await done(request, actor, number, "clear", do, Say("已解除敏感标记。", "The flag is cleared."))


@post("/cases/{number:str}/police", opt={"needs": "case.supervise"}, status_code=200)
async def tell_police(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """通报 110: a record on the case, which goes on."""

    async def do(w: Work, file: CaseFile, given: asks.Police) -> object:
        return await verbs_care.tell_police(
            w, file, number=given.number, reference=given.reference, reason=given.reason
        )

    return await done(request, actor, number, "police", do, Say("通报已记下。", "It is on the record."))


@post("/cases/{number:str}/verification", opt={"needs": "case.handle"}, status_code=200)
async def verify(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """记录核实."""

    async def do(w: Work, file: CaseFile, given: asks.Verify) -> object:
        return await verbs_care.verify(w, file, own(file, actor), finding=given.finding, said=given.said)

    said = Say("核实已记下，可以提交办结了。", "Recorded; the result may be submitted now.")
    return await done(request, actor, number, "verify", do, said)


@post("/cases/{number:str}/statutory-channel", opt={"needs": "case.accept"}, status_code=200)
async def to_statutory(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """转法定渠道: to discipline, petition or another; never to the unit complained about."""

    async def do(w: Work, file: CaseFile, given: asks.Statutory) -> object:
        if given.target not in choices_care.channels():
            raise invalid({"target": Say("请选渠道。", "Choose the channel.")})
        reply = choices_care.fitting(given.target, given.reply)
        return await verbs_care.to_statutory(w, file, target=given.target, reference=given.reference, reply=reply)

    said = Say("已转法定渠道，途径已告知诉求人。", "Handed to its statutory channel; the requester knows the way.")
    return await done(request, actor, number, "statutory", do, said)


@post("/cases/{number:str}/next-level", opt={"needs": "case.handle"}, status_code=200)
async def climb(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """提请上一级协调, by the lead unit's report."""

    async def do(w: Work, file: CaseFile, given: asks.Climb) -> None:
        if own(file, actor).role != "lead":
            raise conflict("not_lead", "由主办单位提请。", "It is for the lead unit to ask.")
        if not await leaders.climb(w, file, "asked", given.reason):
            raise conflict("top_level", "上面没有了，请等领导协调。", "There is no level above.")

    return await done(request, actor, number, "climb", do, Say("已提请上一级协调。", "The next level has it now."))


@post("/cases/{number:str}/instruction", opt={"needs": "case.instruct"}, status_code=200)
async def instruct(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """批示 by the leader who coordinates the case now."""

    async def do(w: Work, file: CaseFile, given: asks.Instruct) -> object:
        if file.case.leader != actor.id:
            raise conflict("other_leader", "这件事现在由别的领导协调。", "Another leader coordinates this case now.")
        return await ladder_instructions.instruct(
            w, file, instruction=given.instruction, days=given.days, leader=actor.name, level=file.case.level
        )

    return await done(request, actor, number, "instruct", do, Say("批示已转承办单位。", "The units have it."))


ROUTES = [summarise, name_about, flag, see_risk, clear, tell_police, verify, to_statutory, climb, instruct]
