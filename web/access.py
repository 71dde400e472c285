"""The session cookies and who stands behind them: the staff's and, apart from it, the one of a citizen's account.

What one may do is in ``guards``; what one may see, in the queries.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.types import Scope

from hotline import account_sessions, people, settings
from hotline.accounts import Account
from hotline.actor import CITIZEN, Actor
from web import cookies

SESSION = "hl_session"
ACCOUNT = "hl_account"
Who: TypeAlias = NamedDependency[Actor]
"""How a handler asks for the actor: ``actor: Who``."""


async def learn_actor(connection: ASGIConnection[Any, Any, Any, Any], *, is_own: bool = True) -> Actor:
    """The actor of this request, learnt once: the signed-in person, else ``CITIZEN`` (anybody).

    Costs one statement, and none without a session cookie. ``is_own`` is False for what pages fetch by themselves.
    """
    state = connection.scope["state"]
    if "actor" not in state:
        is_public = settings.current().side == "public"  # nobody of the staff comes in by this listener
        token = "" if is_public else cookies.get(connection.scope, SESSION)
        found = await people.actor_of(token, is_own=is_own) if token else None
        state["actor"] = found or CITIZEN
    return known_actor(connection.scope)


def known_actor(scope: Scope) -> Actor:
    """The actor as far as this request got: ``CITIZEN`` when it failed before anybody was asked."""
    actor = scope.get("state", {}).get("actor")
    return actor if isinstance(actor, Actor) else CITIZEN


def current_actor(scope: Scope) -> Actor:
    """The dependency ``actor: Actor`` of handlers; the guard has learnt it before."""
    return known_actor(scope)


def open_session(scope: Scope, token: str) -> None:
    """Give the browser its new token. A session cookie: it is gone when the browser closes."""
    cookies.put(scope, SESSION, token)


def close_session(scope: Scope) -> None:
    """Take the token away from the browser."""
    cookies.drop(scope, SESSION)
    scope["state"]["actor"] = CITIZEN


async def learn_account(scope: Scope) -> Account | None:
    """The account that this browser is signed in to, learnt once; costs nothing without its cookie."""
    state = scope["state"]
    if "account" not in state:
        token = cookies.get(scope, ACCOUNT)
        state["account"] = await account_sessions.account_of(token) if token else None
    return known_account(scope)


def known_account(scope: Scope) -> Account | None:
    """The account as far as this request got; the guard has learnt it before any handler."""
    account = scope.get("state", {}).get("account")
    return account if isinstance(account, Account) else None


def open_account(scope: Scope, token: str, *, is_long: bool = False) -> None:
    """Give the browser the token of an account; until it closes, or for the city's days on a device of one's own."""
    cookies.put(scope, ACCOUNT, token, seconds=int(account_sessions.long().total_seconds()) if is_long else None)


def close_account(scope: Scope) -> None:
    """Take the token of the account away from the browser."""
    cookies.drop(scope, ACCOUNT)
    scope["state"]["account"] = None
