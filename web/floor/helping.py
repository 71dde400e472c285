"""What else an agent does at the seat: ask for help, agree to be called in, answer when called in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, post

from channels import call_in, helping
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from web import fields
from web.access import Who
from web.floor import seat
from web.render import see_other

NEEDS = "call.take"
AnyRequest = Request[Any, Any, Any]
SAID = Say("班长已收到，会尽快过来。", "The shift supervisor has it and comes.")


@post("/seat/help", opt={"needs": NEEDS}, status_code=200)
async def ask(request: AnyRequest, actor: Who) -> Response[str]:
    """F4 需要帮助, with or without a reason."""
    reason = ((await fields.posted(request)).get("reason") or [""])[0] or "other"
    return await seat.done(request, actor, helping.ask(actor.id, reason), SAID)


@post("/seat/help/over", opt={"needs": NEEDS}, status_code=200)
async def over(request: AnyRequest, actor: Who) -> Response[str]:
    """不用了, or it is solved."""

    async def act() -> None:
        async with db.reading() as connection:
            own = await helping.of(connection, actor.id)
        if own is None:
            raise not_found()
        await helping.end(actor, own.id)

    return await seat.done(request, actor, act(), Say("求助已结束。", "Your request is over."))


@post("/seat/on-call", opt={"needs": NEEDS}, status_code=200)
async def on_call(request: AnyRequest, actor: Who) -> Response[str]:
    """愿意被叫来, or not any more."""
    is_willing = bool((await fields.posted(request)).get("is_willing"))
    await call_in.agree(actor, is_willing=is_willing)
    say = Say("已记下：高峰时可以叫您来。", "Noted: you may be called in.")
    gone = Say("已记下：不再叫您来。", "Noted: you are not called in.")
    return see_other(request, "/seat", flash=say if is_willing else gone)


@post("/seat/called-in", opt={"needs": NEEDS}, status_code=200)
async def called_in(request: AnyRequest, actor: Who) -> Response[str]:
    """能来 or 来不了."""
    is_coming = (await fields.posted(request)).get("answer") == ["yes"]
    say = Say("谢谢，到岗后点“就绪”。", "Thank you; press “Ready” when you are here.")
    return await seat.done(request, actor, _answer(actor, is_coming=is_coming), say if is_coming else _NO)


_NO = Say("已告诉班长。", "The shift supervisor knows.")


async def _answer(actor: Actor, *, is_coming: bool) -> None:
    await call_in.answer(actor, is_coming=is_coming)


ROUTES = [ask, over, on_call, called_in]
