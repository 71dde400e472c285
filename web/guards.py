"""The one guard. It reads the route's ``opt["needs"]``: who may come in, and that a post comes from our own form."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hotline.permissions import PERMISSIONS, PUBLIC, SIGNED_IN, demand
from web import access, fields, security

NEEDS, IS_HOOK, IS_QUIET, IS_RUSH = "needs", "is_hook", "is_quiet", "is_rush"
"""Keys of a route's ``opt``: the permission; a door of machines (neither person nor form token is looked at); what a
page fetches by itself (does not keep a session awake); a public hook that is reached before router and guard, and
answers for its own failures."""


class SignInFirst(Exception):  # noqa: N818 - not an error: the way in
    """An anonymous person came to a page for staff."""


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let the request in, or raise ``SignInFirst`` or a 403 refusal. A route that declares nothing lets nobody in."""
    need, method = handler.opt.get(NEEDS), connection.scope.get("method", "")
    if need is None and method == "OPTIONS":
        return  # the framework's own answer: the list of methods
    if not declares(need):
        msg = f"the route {handler} declares no permission"
        raise RuntimeError(msg)
    if connection.scope["path"].startswith("/static/"):
        return
    if handler.opt.get(IS_HOOK):
        return
    posted = connection if isinstance(connection, Request) and method not in security.SAFE_METHODS else None
    if posted is not None:
        await fields.posted(posted)  # first of all: if the rest fails, the failure's page gives the form back
    actor = await access.learn_actor(connection, is_own=not handler.opt.get(IS_QUIET))
    await access.learn_account(connection.scope)
    if need != PUBLIC and not actor.is_staff:
        raise SignInFirst
    demand(actor, str(need))
    if posted is not None:
        await security.check_token(posted)


def declares(need: object) -> bool:
    """Whether ``need`` names a permission that exists, PUBLIC or SIGNED_IN."""
    return isinstance(need, str) and (need in PERMISSIONS or need in (PUBLIC, SIGNED_IN))
