"""Addresses of the ladder's acts on the case page: a leader's instruction, recorded by the supervision office."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases.file import CaseFile
from hotline.errors import Say
from hotline.work import Work
from sla import ladder_instructions
from web.access import Who
from web.cases import asks_ladder
from web.cases.doing import done


@post("/cases/{number:str}/direction", opt={"needs": "ladder.hold"}, status_code=200)
async def direct(request: Request[Any, Any, Any], actor: Who, number: FromPath[str]) -> Response[str]:
    """交办: what a leader wants done; the unit reports back in writing."""

    async def do(w: Work, file: CaseFile, given: asks_ladder.Direct) -> object:
        return await ladder_instructions.instruct(
            w, file, instruction=given.instruction, days=given.days, leader=given.leader
        )

    said = Say("批示已转承办单位，到期要书面报告。", "The unit has it, and reports in writing.")
    return await done(request, actor, number, "direct", do, said)


ROUTES: list[Any] = [direct]
