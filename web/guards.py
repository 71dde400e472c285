"""The one guard. It reads the route's ``opt["needs"]``: who may come in, and that a post comes from our own form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers.base import BaseRouteHandler

from hotline import city, clock
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import PERMISSIONS, PUBLIC, SIGNED_IN, demand
from web import access, fields, security

NEEDS, IS_HOOK, IS_QUIET, IS_RUSH, IS_GRAVE, IS_PART, AT_ANY_POST = (
    "needs", "is_hook", "is_quiet", "is_rush", "is_grave", "is_part", "at_any_post",
)  # fmt: skip
"""Keys of a route's ``opt``: the permission; a door of machines (neither person nor form token is looked at); what a
page fetches by itself (does not keep a session awake); a public hook that is reached before router and guard, and
answers for its own failures; an act for which whoever has a second factor must have shown it a moment
ago; a part of a page that htmx asks for, of which there is no whole page; what may be sent from a page that was opened
at another post."""


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
        at_any_post = bool(handler.opt.get(IS_QUIET) or handler.opt.get(AT_ANY_POST))
        await security.check_token(posted, at_any_post=at_any_post)
    if handler.opt.get(IS_PART) and "hx-request" not in connection.headers:
        raise MethodNotAllowedException
    if handler.opt.get(IS_GRAVE):
        demand_fresh(actor)


def demand_fresh(actor: Actor) -> None:
    """Ask for the second factor again, of whoever has one and did not show it within the city's minutes."""
    fresh = timedelta(minutes=float(city.current().rule("factor.fresh_minutes")))
    if actor.has_factor and (actor.proven_at is None or clock.now() > actor.proven_at + fresh):
        say = Say(
            "这一步要先核对动态码。请在新窗口打开“登录与安全”里的“核对动态码”，核对后回来再提交一次，内容还在。",
            "This needs your code first: open “Check my code” under “Sign-in and security” in a new window, then send"
            " this again. What you wrote is kept.",
        )
        raise Refusal(403, "proof_first", say)


def declares(need: object) -> bool:
    """Whether ``need`` names a permission that exists, PUBLIC or SIGNED_IN."""
    return isinstance(need, str) and (need in PERMISSIONS or need in (PUBLIC, SIGNED_IN))
