"""An agent proposes, from a call, that its number be refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from channels import calls, refused, seats
from hotline import city, db, masks
from hotline.actor import Actor
from hotline.errors import Say, not_found
from web import forms
from web.access import Who
from web.forms import Form
from web.render import render, see_other
from web.shift.asks import Propose
from web.trying import tried

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]


@get("/refused/new", opt={"needs": NEEDS})
async def page(request: AnyRequest, actor: Who) -> Response[str]:
    """The form: the number's calls of late, the grounds, what happened. 404 for another's call."""
    try:
        call = UUID(request.query_params.get("call", ""))
    except ValueError:
        raise not_found() from None
    return await _shown(request, actor, forms.blank(Propose, {"call": call, "calls": [call]}))


async def _shown(request: AnyRequest, actor: Actor, form: Form[Propose], *, status: int = 200) -> Response[str]:
    try:
        call = UUID(form.text("call"))
    except ValueError:
        raise not_found() from None
    async with db.reading() as connection:
        own = await calls.mine(connection, actor.id, call)
        known = await refused.of_caller(connection, own.number) if own.number else []
    return render(
        request, "shift/propose.html", region="#r-propose", status=status, form=form, own=own, known=known,
        number=masks.mask_phone(own.number), grounds=refused.GROUNDS, settled=seats.SETTLED, outcomes=calls.OUTCOMES,
        least=int(city.current().rule("refused.calls")), window=int(city.current().rule("refused.window")),
    )  # fmt: skip


@post("/refused/new", opt={"needs": NEEDS}, status_code=200)
async def propose(request: AnyRequest, actor: Who) -> Response[str]:
    """提请拒接."""
    form = await forms.read(request, Propose)

    async def do(given: Propose) -> None:
        ask = refused.Ask(
            ground=given.ground, words=given.words, calls=tuple(given.calls), is_persuaded=given.is_persuaded
        )
        await refused.propose(actor, given.call, ask)

    status, _ = await tried(form, do)
    if status != 200:
        return await _shown(request, actor, form, status=status)
    say = Say("已提请，由班长决定；决定前仍会接听。", "Proposed; a shift supervisor decides. Until then calls come in.")
    return see_other(request, "/seat", flash=say)


ROUTES = [page, propose]
