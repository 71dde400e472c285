"""Pauses of sign-ins that hold now, for administrators to see and to lift."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from hotline import acts, db, locks
from hotline.errors import Say
from web import fields
from web.access import Who
from web.admin import words
from web.render import render, see_other

SCOPES = {
    "pair": Say("这个登录名从这个地址", "this login from this address"),
    "login": Say("这个登录名从没用过的地址", "this login from strange addresses"),
    "address": Say("这个地址，没在那里登录过的人", "this address, for logins new there"),
}


@get("/people/locks", opt={"needs": "people.edit"})
async def page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Who has to wait, until when, and why."""
    async with db.reading() as connection:
        found = await locks.held(connection)
    return render(
        request, "session/locks.html", found=found, scopes=SCOPES, tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


@post("/people/locks", opt={"needs": "people.edit"}, status_code=200)
async def lift(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """End a pause: the person may try again at once."""
    key = ((await fields.posted(request)).get("lock") or [""])[0]
    async with db.atomic() as connection:
        lock = await locks.lift(connection, key)
        subject = f"person:{lock.person}" if lock.person else f"lock:{lock.scope}"
        await acts.note(connection, actor, "lock_lifted", subject)
    return see_other(request, "/people/locks", flash=Say("已解除，可以再试。", "Lifted; they may try again."))


ROUTES = [page, lift]
