"""Single sign-on: to the provider, back from it, and signing out there. The protocol is ``hotline.oidc``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import Request, Response, get

from hotline import acts, clock, db, oidc, oidc_provider, settings
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC
from web import cookies, navigation
from web.access import Who
from web.render import HTML, Flash, render, see_other
from web.session import devices, steps
from web.session.paths import own_path

log = structlog.get_logger("oidc")
COOKIE = "hl_sso"
NAME = Say("统一认证", "single sign-on")
AWAY = Say(
    "统一认证暂时连不上。请稍后再试，或用登录名和密码登录。",
    "Single sign-on cannot be reached just now. Try again shortly, or use your login and password.",
)
AGAIN = Say(
    "统一认证没有完成，请再点一次。总是这样请告诉管理员。",
    "The single sign-on did not complete. Try once more; if it goes on, tell an administrator.",
)


def offered() -> Say | None:
    """How the provider is called on our pages; None when there is none."""
    one = settings.current()
    if not one.oidc_issuer:
        return None
    return Say(one.oidc_name, one.oidc_name) if one.oidc_name else NAME


def is_only() -> bool:
    """Whether passwords are for emergencies only."""
    one = settings.current()
    return bool(one.oidc_issuer and one.oidc_only)


def local_way(login: str) -> str | None:
    """How a sign-in by password with this login counts; None when it must come by the provider."""
    if not is_only():
        return "password"
    return "break_glass" if login.strip().lower() in settings.current().break_glass.lower().split() else None


def only() -> Refusal:
    """The 422 to whoever tries a password where the provider is the way in: it does not tell whose would be good."""
    say = Say(
        "登录名或密码不对。平时请用统一认证登录，密码只供应急。",
        "The login or the password is not right. Use single sign-on; passwords are for emergencies only.",
    )
    return Refusal(422, "sso_only", say, fields={"login": say})


@get("/sign-in/sso", opt={"needs": PUBLIC})
async def go(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """To the provider; when it is away, a sentence and the form."""
    onward = own_path(request.query_params.get("next", ""))
    if actor.is_staff:
        return see_other(request, onward or navigation.home(actor))
    if offered() is None:
        return see_other(request, "/sign-in")
    try:
        address, kept = await oidc.ask(_back(request), onward)
    except oidc_provider.Away:
        return see_other(request, "/sign-in?local=", flash=Flash(AWAY, "error"))
    cookies.put(request.scope, COOKIE, kept, seconds=oidc.PATIENCE)
    return _to(address)


@get("/sign-in/sso/back", opt={"needs": PUBLIC})
async def come_back(request: Request[Any, Any, Any]) -> Response[str]:
    """Back with a code: only a known, active person gets in, and only to this browser's own question."""
    given = request.query_params
    cookie = cookies.get(request.scope, COOKIE)
    cookies.drop(request.scope, COOKIE)
    if offered() is None:
        return see_other(request, "/sign-in")
    try:
        asked = oidc.remembered(cookie, given.get("state", ""))
        known = await oidc.answered(asked, given.get("code", ""), _back(request))
    except oidc.NotTaken as wrong:
        log.warning("oidc_not_taken", code=wrong.code)
        return see_other(request, "/sign-in", flash=Flash(AGAIN, "error"))
    except oidc_provider.Away as away:
        say = AGAIN if away.code.startswith("http_4") else AWAY  # it is there and does not take the code
        return see_other(request, "/sign-in?local=", flash=Flash(say, "error"))
    person = await _person(known.login)
    if person is None:
        return render(request, "session/unknown.html", status=403, login=known.login[:64], name=offered())
    origin = devices.origin(request, "oidc")
    if known.is_strong:
        origin = msgspec.structs.replace(origin, proven_at=clock.now())
    return await steps.begin(request, person, origin, asked.onward)


@get("/sign-in/sso/out", opt={"needs": PUBLIC})
async def go_out(request: Request[Any, Any, Any]) -> Response[str]:
    """Sign out at the provider too, where it offers that."""
    try:
        address = await oidc.farewell(f"{_root(request)}/sign-in") if offered() else ""
    except oidc_provider.Away:
        address = ""
    if address:
        return _to(address)
    say = Say("请到统一认证的页面退出。", "Sign out on the provider's own page.")
    return see_other(request, "/sign-in", flash=Flash(say, "note"))


async def _person(login: str) -> UUID | None:
    """The active person of this login; somebody who left or was never here is noted as refused."""
    async with db.atomic() as connection:
        row = await connection.fetchrow("SELECT id, is_active FROM person WHERE login = $1", login)
        if row is not None and not row["is_active"]:
            left = Actor(id=row["id"], kind="staff")
            await acts.note(connection, left, "sign_in_refused", f"person:{row['id']}")
    return UUID(str(row["id"])) if row is not None and row["is_active"] else None


def _root(request: Request[Any, Any, Any]) -> str:
    one = settings.current()
    return (one.oidc_return or one.public_url or str(request.base_url)).rstrip("/")


def _back(request: Request[Any, Any, Any]) -> str:
    return f"{_root(request)}/sign-in/sso/back"


def _to(address: str) -> Response[str]:
    return Response("", status_code=303, media_type=HTML, headers={"Location": address})


ROUTES = [go, come_back, go_out]
