"""下载办理记录的凭证: the holder of number and code takes their case's public history home, with its proof."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from cases import own_proof as proofs
from hotline import db
from hotline.permissions import PUBLIC
from web.public.pass_cookie import UNSTORED, has_pass
from web.render import render, see_other

_Request = Request[Any, Any, Any]
_IS_CASE = "SELECT EXISTS (SELECT FROM request WHERE receipt_no = $1)"


@get("/track/{number:str}/proof", opt={"needs": PUBLIC})
async def own_page(request: _Request, number: FromPath[str]) -> Response[str]:
    """What the file is for, how it is checked, and the file; for the browser that has shown the code."""
    if not has_pass(request.scope, number):
        return see_other(request, "/track")
    async with db.reading() as connection:
        is_case = await connection.fetchval(_IS_CASE, number)
    return render(request, "proof/own.html", number=number, is_case=is_case, headers=UNSTORED)


@get("/track/{number:str}/proof.json", opt={"needs": PUBLIC})
async def own_proof(request: _Request, number: FromPath[str]) -> Response[Any]:
    """The file. Without the pass the same way as for a number that does not exist: to the look-up."""
    if not has_pass(request.scope, number):
        return see_other(request, "/track")
    body = proofs.written(await proofs.made(number))
    headers = {**UNSTORED, "Content-Disposition": f'attachment; filename="proof-{number}.json"'}
    return Response(body, media_type="application/json", headers=headers)
