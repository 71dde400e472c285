"""Acts after the unit's result: audit, return visit, rework, closing."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs, visit_claims, visit_hours, visits
from cases.file import CaseFile
from cases.states import GRADES
from hotline import city
from hotline.errors import Say, invalid
from hotline.work import Work
from sla import calendar
from web.access import Who
from web.cases import asks
from web.cases.doing import assignment, done, request_of

AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/audit", opt={"needs": "case.audit"}, status_code=200)
async def audit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """审核: pass, or send one unit's result back with what is to be changed."""

    async def do(w: Work, file: CaseFile, given: asks.Audit) -> object:
        if given.decision == "approve":
            return await verbs.approve(w, file)
        share = assignment(file, given.assignment) if given.assignment else file.lead
        if share is None:
            raise invalid({"assignment": Say("请选退给哪个单位。", "Choose the unit it goes back to.")})
        return await verbs.send_back(w, file, share, reason=given.reason)

    return await done(request, actor, number, "audit", do, Say("已记下审核意见。", "The audit is recorded."))


@post("/cases/{number:str}/visits", opt={"needs": "case.visit"}, status_code=200)
async def visit(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """记录回访: what they said, or that nobody was reached."""

    async def do(w: Work, file: CaseFile, given: asks.Visit) -> object:
        asked = request_of(file, given.request)
        await visit_claims.demand(w.connection, actor, asked.id)
        if given.outcome != "reached":
            before = await visits.tried(w.connection, asked)
            later = given.next_at or visit_hours.next_hours(w.now, before, calendar.of(city.current()), asked.wish)[0]
            is_repeat = given.outcome == "unreached" and visit_hours.is_repeat(w.now, before)
            return await verbs.miss_visit(
                w, file, asked, next_at=later, outcome=given.outcome, is_repeat=is_repeat
            )
        if given.grade and given.grade not in GRADES:
            raise invalid(
                {"grade": Say("请选一个评价：满意、基本满意、一般、不满意。", "Choose one of the four grades.")}
            )
        return await verbs.visit(
            w, file, asked, was_contacted=bool(given.was_contacted), is_solved=bool(given.is_solved),
            is_truthful=given.is_truthful is not False, grade=given.grade or None, said=given.said,
            cause=given.cause or None,
        )  # fmt: skip

    return await done(request, actor, number, "visit", do, Say("已记下回访。", "The visit is recorded."))


@post("/cases/{number:str}/rework", opt={"needs": "case.visit"}, status_code=200)
async def rework(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """重办: only the assignment at fault goes back."""

    async def do(w: Work, file: CaseFile, given: asks.Rework) -> object:
        share = assignment(file, given.assignment)
        asked = request_of(file, given.request)
        return await verbs.rework(w, file, asked, share, reason=given.reason, profile=share.profile)

    return await done(request, actor, number, "rework", do, Say("已退回重办。", "Back for rework."))


@post("/cases/{number:str}/closure", opt={"needs": "case.visit"}, status_code=200)
async def close(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """结案."""

    async def do(w: Work, file: CaseFile, given: asks.Close) -> object:
        return await verbs.close(w, file, reason=given.reason)

    return await done(request, actor, number, "close", do, Say("已结案。", "Closed."))


ROUTES = [audit, visit, rework, close]
