"""Addresses of the acts around a return visit: the hour wished for, reopening."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_visit
from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work
from web.access import Who
from web.cases import asks_visit
from web.cases.doing import assignment, done, request_of

AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/reopening", opt={"needs": "case.reopen"}, status_code=200)
async def reopen(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """重启: back to the unit at fault, with a new clock and a count."""

    async def do(w: Work, file: CaseFile, given: asks_visit.Reopen) -> object:
        return await verbs_visit.reopen(
            w, file, assignment=assignment(file, given.assignment), reason=given.reason, cause=given.cause,
            request=request_of(file, given.request),
        )  # fmt: skip

    return await done(request, actor, number, "reopen", do, Say("已重启重办。", "Reopened for rework."))


@post("/cases/{number:str}/visit-wish", opt={"needs": "call.take"}, status_code=200)
async def wish(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """约回访时间, by the agent who has them on the line."""

    async def do(w: Work, file: CaseFile, given: asks_visit.Wish) -> object:
        return await verbs_visit.wish(w, file, request_of(file, given.request), part=given.part)

    return await done(request, actor, number, "wish", do, Say("希望的时段已记。", "The part of the day is recorded."))


ROUTES: list[Any] = [reopen, wish]
