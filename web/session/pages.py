"""Sign-in, sign-out, preferences, the first page, and the renewal of time chips."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from channels import seats
from hotline import acts, city, clock, db, people
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC, SIGNED_IN
from sla import calendar
from web import access, cookies, fields, forms, navigation
from web.access import Who
from web.forms import label
from web.public import home as public
from web.render import PREFERENCES, Flash, render, see_other
from web.session import devices, sso, steps
from web.session.paths import own_path
from web.timeleft import decode, time_left

MOST_CHIPS = 200


class Credentials(msgspec.Struct):
    """What one signs in with."""

    login: Annotated[str, label("登录名", "Login", most=64)]
    password: Annotated[str, label("密码", "Password", most=200)]
    next: str = ""


@get("/", opt={"needs": PUBLIC, "side": "both"})
async def home(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Staff go to their first screen, everybody else sees the citizens' first page."""
    if actor.is_staff:
        return see_other(request, navigation.home(actor))
    return await public.page(request)


@get("/sign-in", opt={"needs": PUBLIC}, sync_to_thread=False)
def sign_in_page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form to sign in."""
    onward = own_path(request.query_params.get("next", ""))
    if actor.is_staff:
        return see_other(request, onward or navigation.home(actor))
    return sign_in_form(request, forms.blank(Credentials, {"next": onward}))


def sign_in_form(
    request: Request[Any, Any, Any], form: forms.Form[Credentials], status: int = 200, *, say: Say | None = None
) -> Response[str]:
    """The page to sign in, with whatever form came back; ``say`` is why the other way in does not work."""
    is_wrong = status not in (200, 503)
    return render(
        request, "session/sign_in.html", region="#r-sign-in", status=status, focus="#r-errors" if is_wrong else "",
        form=form, sso=sso.offered(), is_local=not sso.is_only() or "local" in request.query_params or is_wrong,
        flash=Flash(say, "error") if say else None, is_out="out" in request.query_params,
    )  # fmt: skip


@post("/sign-in", opt={"needs": PUBLIC}, status_code=200)
async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Login and password are looked at; what else is owed, and the session, come in ``steps``."""
    form = await forms.read(request, Credentials)
    if not form.is_good:
        return _again(request, form, 422)
    how = sso.local_way(form.good.login)
    try:
        origin = devices.origin(request, how or "password")
        person = await people.proven(
            form.good.login, form.good.password, origin.address, is_way_in=how is not None
        )
        if how == "break_glass" and "admin" not in (await people.one(person)).roles:
            raise sso.only()
    except Refusal as refusal:
        if refusal.status not in (422, 429):
            raise
        form.take(sso.only() if sso.is_only() and refusal.status == 422 else refusal)
        return _again(request, form, refusal.status)
    return await steps.begin(request, person, origin, own_path(form.good.next))


def _again(request: Request[Any, Any, Any], form: forms.Form[Credentials], status: int) -> Response[str]:
    form.typed.pop("password", None)
    return sign_in_form(request, form, status)


@post("/sign-out", opt={"needs": PUBLIC, "at_any_post": True}, status_code=200)
async def sign_out(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """End this session, on the server and in the browser."""
    await people.sign_out(cookies.get(request.scope, access.SESSION))
    if actor.is_staff:
        with contextlib.suppress(Refusal):  # who signs out during a call finishes it on the telephone
            await seats.leave(actor.id)
        async with db.atomic() as connection:
            await acts.note(connection, actor, "signed_out", f"person:{actor.id}")
    onward = "/sign-in?out=" if actor.how == "oidc" and sso.offered() else "/sign-in"
    access.close_session(request.scope)
    return see_other(request, onward, flash=Say("已退出。", "You are signed out."))


@get("/preferences", opt={"needs": PUBLIC, "side": "both"}, sync_to_thread=False)
def preferences(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Language, size of type and contrast of this browser."""
    back = own_path(request.query_params.get("back", ""))
    layout = "layouts/staff.html" if actor.is_staff else "layouts/public.html"
    return render(request, "session/preferences.html", back=back, layout=layout)


@post("/preferences", opt={"needs": PUBLIC, "side": "both", "at_any_post": True}, status_code=200)
async def change_preferences(request: Request[Any, Any, Any]) -> Response[str]:
    """Keep the choices in cookies; anything not offered is ignored."""
    posted = await fields.posted(request)
    for name, offered in PREFERENCES.items():
        value = (posted.get(name) or [""])[0]
        if value in offered:
            cookies.put(request.scope, f"hl_{name}", value, seconds=cookies.YEAR)
    back = own_path((posted.get("back") or [""])[0])
    return see_other(request, back or "/preferences", flash=Say("已按您的选择显示。", "Your choice is kept."))


@get("/time-left", opt={"needs": SIGNED_IN, "is_quiet": True}, sync_to_thread=False)
def renew_time_left(request: Request[Any, Any, Any]) -> Response[str]:
    """Time chips again, each in a slot of its own: no query, everything needed is in their codes."""
    working, now = calendar.of(city.current()), clock.now()
    chips = {}
    for code in request.query_params.get("c", "").split(",")[:MOST_CHIPS]:
        with contextlib.suppress(ValueError):
            chips[code] = time_left(working, decode(code), now)
    return render(request, "session/time_left.html", region="#r-chips", chips=chips)
