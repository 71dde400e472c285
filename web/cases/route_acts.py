"""Addresses of the acts of choosing where a case goes."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_route
from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work
from web.access import Who
from web.cases.asks_route import CorrectMatter
from web.cases.doing import done


@post("/cases/{number:str}/matter", opt={"needs": "case.dispatch"}, status_code=200)
async def correct_matter(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """改事项: the unit keeps the case; whoever dispatches it next does so by the new matter."""

    async def do(w: Work, file: CaseFile, given: CorrectMatter) -> object:
        return await verbs_route.correct_matter(w, file, matter=given.matter, by="page", reason=given.reason)

    return await done(request, actor, number, "correct_matter", do, Say("事项已改。", "The matter is corrected."))


ROUTES = [correct_matter]
