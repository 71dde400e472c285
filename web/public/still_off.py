"""我家还没恢复: from the page of a receipt, after we said that the outage is over."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import outages, track
from channels import still_off
from hotline.actor import CITIZEN
from hotline.errors import Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import work
from web.public.pass_cookie import has_pass
from web.render import Flash, see_other


@post("/track/{number:str}/still-off", opt={"needs": PUBLIC}, status_code=200)
async def say(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[str]:
    """Once for each time that they were told; the new number and code stand on the page they come back to."""
    if not has_pass(request.scope, number):
        raise not_found()
    async with work(CITIZEN) as w:
        file, own = await track.opened(w, number)
        if await outages.told_last(w.connection, own.id) is None:
            said = Say("已经记下了，会去查。", "It is noted already; somebody looks into it.")
            return see_other(request, f"/track/{number}", flash=Flash(said, "note"))
        new, code = await still_off.by_page(w, file, own)
    zh = f"记下了，另登记一件去查：编号 {new}，查询码 {code}。"
    said = Say(zh, f"Noted. We look into it: number {new}, query code {code}.")
    return see_other(request, f"/track/{number}", flash=said)


ROUTES = [say]
