"""When somebody wants to be called back: a part of the day, from the page of their receipt."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import track, verbs_visit
from cases.visit_hours import DAY_PARTS
from hotline.actor import CITIZEN
from hotline.errors import Say, not_found
from hotline.permissions import PUBLIC
from hotline.work import work
from web import fields
from web.public.pass_cookie import has_pass
from web.render import see_other

PARTS: dict[str, Say] = {"": Say("都行", "Any time"), **{code: part[0] for code, part in DAY_PARTS.items()}}


@post("/track/{number:str}/visit-wish", opt={"needs": PUBLIC}, status_code=200)
async def wish(request: Request[Any, Any, Any], number: FromPath[str]) -> Response[str]:
    """Keep the part of the day in which they want to be called."""
    if not has_pass(request.scope, number):
        raise not_found()
    part = ((await fields.posted(request)).get("part") or [""])[0]
    async with work(CITIZEN) as w:
        file, own = await track.opened(w, number)
        await verbs_visit.wish(w, file, own, part=part if part in PARTS else "", channel="web")
    said = Say("记下了，尽量在这个时段给您打电话。", "Noted: we try to call you at that time of day.")
    return see_other(request, f"/track/{number}", flash=said)
