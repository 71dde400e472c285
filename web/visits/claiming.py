"""认领: take the next person to ring, or this one, so that no colleague rings them meanwhile; give them back."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath

from cases import queries, visit_claims, visits
from cases.rows import RequestRow
from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.work import work
from web.access import Who
from web.cases_access import opened_for
from web.render import Flash, see_other
from web.visits.acts import band_of

AnyRequest = Request[Any, Any, Any]


async def _request(actor: Actor, receipt: str) -> RequestRow:
    """The request of a receipt that is this person's to look at; 404 else."""
    async with work(actor) as w:
        file = await opened_for(w, receipt, None, queries.handling)
        return file.request_no(receipt) or file.first_request


@post("/visits/{receipt:str}/claim", opt={"needs": "case.visit"}, status_code=200)
async def claim(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Take this one; a colleague's stays theirs."""
    back = f"/visits/{receipt}?band={band_of(request)}"
    one = await _request(actor, receipt)
    try:
        async with db.atomic() as connection:
            await visit_claims.take(connection, actor, one.id)
    except Refusal as refusal:
        return see_other(request, back, flash=Flash(refusal.say, "error"))
    return see_other(request, back, flash=Say("已认领，同事不会再打。", "It is yours; no colleague rings them."))


@post("/visits/{receipt:str}/release", opt={"needs": "case.visit"}, status_code=200)
async def release(request: AnyRequest, actor: Who, receipt: FromPath[str]) -> Response[str]:
    """Give it back."""
    one = await _request(actor, receipt)
    async with db.atomic() as connection:
        await visit_claims.drop(connection, actor, one.id)
    return see_other(request, f"/visits?band={band_of(request)}", flash=Say("已放开。", "Given back."))


@post("/visits/next", opt={"needs": "case.visit"}, status_code=200)
async def following(request: AnyRequest, actor: Who) -> Response[str]:
    """Take the first of the list that nobody has; when a colleague is quicker, the one after."""
    async with db.reading() as connection:
        items = await visits.listed(connection, actor, "now")
    for item in items:
        if item.claimed_by not in {None, actor.id}:
            continue
        try:
            async with db.atomic() as connection:
                await visit_claims.take(connection, actor, item.request)
        except Refusal:
            continue
        return see_other(request, f"/visits/{item.receipt_no}")
    return see_other(request, "/visits", flash=Say("现在没有要打的。", "Nobody to call now."))


ROUTES = [claim, release, following]
