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
from web.render import PREFERENCES, render, see_other
from web.timeleft import decode, time_left

MOST_CHIPS = 200


class Credentials(msgspec.Struct):
    """What one signs in with."""

    login: Annotated[str, label("登录名", "Login", most=64)]
    password: Annotated[str, label("密码", "Password", most=200)]
    next: str = ""


def own_path(text: str) -> str:
    """``text`` if it is a path of this site, else ""; never another site, whatever browsers make of slashes."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if is_path and len(text) < 2000 else ""


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
    return render(request, "session/sign_in.html", form=forms.blank(Credentials, {"next": onward}))


@post("/sign-in", opt={"needs": PUBLIC}, status_code=200)
async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """Sign in: a new session in place of the browser's old one, noted in the log of acts."""
    form = await forms.read(request, Credentials)
    if form.is_good:
        address = request.client.host if request.client else ""
        old = cookies.get(request.scope, access.SESSION)
        try:
            token, actor = await people.sign_in(form.good.login, form.good.password, address, old=old)
        except Refusal as refusal:
            if refusal.status not in (422, 429):
                raise
            form.take(refusal)
            return _again(request, form, refusal.status)
        async with db.atomic() as connection:
            await acts.note(connection, actor, "signed_in", f"person:{actor.id}")
        access.open_session(request.scope, token)
        return see_other(request, own_path(form.good.next) or navigation.home(actor))
    return _again(request, form, 422)


def _again(request: Request[Any, Any, Any], form: forms.Form[Credentials], status: int) -> Response[str]:
    form.typed.pop("password", None)
    return render(request, "session/sign_in.html", region="#r-sign-in", status=status, focus="#r-errors", form=form)


@post("/sign-out", opt={"needs": PUBLIC}, status_code=200)
async def sign_out(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """End this session, on the server and in the browser."""
    await people.sign_out(cookies.get(request.scope, access.SESSION))
    if actor.is_staff:
        with contextlib.suppress(Refusal):  # who signs out during a call finishes it on the telephone
            await seats.leave(actor.id)
        async with db.atomic() as connection:
            await acts.note(connection, actor, "signed_out", f"person:{actor.id}")
    access.close_session(request.scope)
    return see_other(request, "/sign-in", flash=Say("已退出。", "You are signed out."))


@get("/preferences", opt={"needs": PUBLIC, "side": "both"}, sync_to_thread=False)
def preferences(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Language, size of type and contrast of this browser."""
    back = own_path(request.query_params.get("back", ""))
    layout = "layouts/staff.html" if actor.is_staff else "layouts/public.html"
    return render(request, "session/preferences.html", back=back, layout=layout)


@post("/preferences", opt={"needs": PUBLIC, "side": "both"}, status_code=200)
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
