"""Addresses of the acts: a rating appealed by its unit, the appeal decided by the centre."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_rating
from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work
from sla import appeals
from web.access import Who
from web.cases import asks_rating
from web.cases.doing import done

AnyRequest = Request[Any, Any, Any]


@post("/cases/{number:str}/rating-appeal", opt={"needs": "case.handle"}, status_code=200)
async def appeal(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """评价申诉 by the unit, once, within the city's days."""

    async def do(w: Work, file: CaseFile, given: asks_rating.Appeal) -> object:
        rating = await verbs_rating.bad(w, file, given.rating)
        return await appeals.appeal(
            w, file, rating, ground=given.ground, reason=given.reason, basis=given.basis
        )

    said = Say("已申诉，等中心裁定；裁定前评价照算。", "Appealed; the rating counts until the centre decides.")
    return await done(request, actor, number, "rating_appeal", do, said)


@post("/cases/{number:str}/rating-appeal-decision", opt={"needs": "rating.decide"}, status_code=200)
async def decide(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """裁定评价申诉: upheld, the rating is annulled and its requester told politely."""
    said = Say("已裁定：评价作废，已告知诉求人可重新评价。", "Upheld: annulled; the requester may rate anew.")

    async def do(w: Work, file: CaseFile, given: asks_rating.AppealDecision) -> None:
        nonlocal said
        rating, is_upheld = await verbs_rating.bad(w, file, given.rating), given.decision == "uphold"
        await verbs_rating.decide(w, file, rating, is_upheld=is_upheld, reason=given.reason)
        if not is_upheld:
            said = Say("已裁定：申诉不成立，评价照算。", "Dismissed: the rating stands.")

    return await done(request, actor, number, "rating_appeal_decision", do, lambda: said)


ROUTES: list[Any] = [appeal, decide]
