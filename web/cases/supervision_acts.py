"""Acts of supervision on one case: a reminder, a supervision order."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs
from cases.file import CaseFile
from hotline.errors import Say, invalid
from hotline.work import Work
from sla import supervision
from web.access import Who
from web.cases import asks
from web.cases.doing import assignment, done

NEEDS = "case.supervise"
AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/reminder", opt={"needs": NEEDS}, status_code=200)
async def remind(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """催办."""

    async def do(w: Work, file: CaseFile, given: asks.Remind) -> object:
        return await verbs.remind(w, file, assignment(file, given.assignment), words=given.words)

    return await done(request, actor, number, "remind", do, Say("已催办。", "Reminded."))


@post("/cases/{number:str}/supervision-order", opt={"needs": NEEDS}, status_code=200)
async def order(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """督办: a numbered order to one unit."""

    async def do(w: Work, file: CaseFile, given: asks.Order) -> object:
        if given.rule not in asks.ORDER_RULES:
            raise invalid({"rule": Say("请选督办事由。", "Choose the ground.")})
        return await supervision.order(w, file, assignment(file, given.assignment), rule=given.rule)

    return await done(request, actor, number, "order", do, Say("督办单已发出。", "The order is issued."))


ROUTES = [remind, order]
