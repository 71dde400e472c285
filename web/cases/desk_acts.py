"""Addresses of what an agent corrects in a case."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import verbs_desk
from cases.demands_desk import FIELDS, NOTHING
from cases.file import CaseFile
from hotline.errors import Say, invalid
from hotline.work import Work
from web.access import Who
from web.cases.asks_desk import Correct
from web.cases.doing import done, request_of


@post("/cases/{number:str}/correction", opt={"needs": "case.read"}, status_code=200)
async def correct(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """更正错字: each field that is written otherwise is one entry of the ledger, with what stood there."""

    async def do(w: Work, file: CaseFile, given: Correct) -> None:
        asked = request_of(file, given.request)
        wanted = {name: verbs_desk.written(name, getattr(given, name)) for name in FIELDS}
        changed = [name for name, new in wanted.items() if new and new != verbs_desk.value_of(file, asked, name)]
        if not changed:
            raise invalid({"words": NOTHING})
        for name in changed:
            await verbs_desk.correct(w, file, asked, field=name, new=wanted[name])

    said = Say("已更正，原来怎么写的留在经过里。", "Corrected; what stood there before is kept on record.")
    return await done(request, actor, number, "correct", do, said)


ROUTES = [correct]
