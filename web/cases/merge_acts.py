"""Addresses of the acts of merging, unmerging and splitting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import merging, queries
from cases.file import CaseFile
from channels import splitting
from hotline.errors import Say, not_found
from hotline.work import Work
from web.access import Who
from web.cases import asks_merge as asks
from web.cases.doing import done
from web.render import see_other

AnyRequest = Request[Any, Any, Any]
NEEDS = "case.dispatch"


@get("/cases/{number:str}/merge", opt={"needs": NEEDS})
async def merge(request: AnyRequest, number: FromPath[str]) -> Response[str]:
    """On to the page that shows both abreast: this case goes into the other; the page turns them round on a key."""
    other = request.query_params.get("numbers", "").strip()[:20]
    return see_other(request, "/merge?" + urlencode({"into": other, "numbers": number} if other else {"into": number}))


@post("/cases/{number:str}/parting", opt={"needs": NEEDS}, status_code=200)
async def unmerge(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """拆回: the case named comes out as it stood, with its units, clocks and requests."""

    async def first(w: Work, given: asks.Unmerge) -> None:
        ids = [await queries.found(w.connection, actor, one) for one in (number, given.child)]
        if None in ids:
            raise not_found()
        await merging.opened(w, [one for one in ids if one is not None])

    async def do(w: Work, file: CaseFile, given: asks.Unmerge) -> None:
        child = await queries.found(w.connection, actor, given.child)
        await merging.unmerge(w, file, w.kept["cases"][child], reason=given.reason)

    said = Say("已拆回，期限从原来起算，诉求人已通知。", "Unmerged with its old due dates; the requester is told.")
    return await done(request, actor, number, "unmerge", do, said, first=first)


@post("/cases/{number:str}/splitting", opt={"needs": "case.accept"}, status_code=200)
async def split(request: AnyRequest, actor: Who, number: FromPath[str]) -> Response[str]:
    """拆单: a second case of the same requester. Where no message reaches them, whoever splits tells them the code."""
    told, receipt = Say("", ""), await splitting.receipt()

    async def do(w: Work, file: CaseFile, given: asks.Split) -> None:
        nonlocal told
        new = await splitting.split(
            w, file, receipt, first=given.first, second=given.second, matter=given.matter, reason=given.reason
        )
        second, code = receipt
        told = Say(
            f"已拆开，另一件编号 {second}，诉求人已通知。", f"Split: the second is {second}; the requester is told."
        )
        if not splitting.is_told(new.first_request):
            told = Say(
                f"已拆开。请告诉诉求人：另一件编号 {second}，查询码 {code}。",
                f"Split. Tell the requester: the second is {second}, code {code}.",
            )

    return await done(request, actor, number, "split", do, lambda: told)


ROUTES: list[Any] = [merge, unmerge, split]
