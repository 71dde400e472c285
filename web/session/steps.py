"""The way in from the password (or the provider) to a session, one thing owed after the other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from hotline import clock, db, signing
from hotline.errors import Refusal, Say
from hotline.sessions import Origin
from hotline.signing import Last, Step
from web import access, cookies, dates, navigation
from web.render import Flash, see_other
from web.session import devices

COOKIE = "hl_step"
PATHS = {
    signing.FACTOR: "/sign-in/factor",
    signing.ENROL: "/sign-in/enrol",
    signing.PASSWORD: "/sign-in/password",
}


async def begin(request: Request[Any, Any, Any], person: UUID, origin: Origin, onward: str) -> Response[str]:
    """The person is known: on to whatever is owed, else in."""
    token, step = await signing.begin(person, origin, onward=onward)
    cookies.put(request.scope, COOKIE, token)
    return await on(request, step)


async def on(request: Request[Any, Any, Any], step: Step) -> Response[str]:
    """To the next thing owed; when nothing is, a session in place of the browser's old one."""
    if step.owed:
        return see_other(request, PATHS[step.owed])
    old = cookies.get(request.scope, access.SESSION)
    try:
        token, actor, last = await signing.finish(
            cookies.get(request.scope, COOKIE), devices.origin(request), old=old
        )
    except Refusal:
        return lost(request)
    cookies.drop(request.scope, COOKIE)
    access.open_session(request.scope, token)
    return see_other(request, step.onward or navigation.home(actor), flash=_told(last))


def _told(last: Last) -> Flash | None:
    """When one was here last, and what happened since; nothing at the very first time."""
    zh, en = "", ""
    if last.at is not None:
        year = clock.today().year
        when = {lang: dates.long_moment(last.at, lang, this_year=year) for lang in ("zh", "en")}
        zh = f"上次登录：{when['zh']}，从 {last.address or '—'}。"
        en = f"Last sign-in: {when['en']} from {last.address or '—'}. "
    if last.failed:
        zh += f"此后有 {last.failed} 次没输对密码或动态码，不是您的话请改密码并告诉管理员。"
        en += f"Since then {last.failed} wrong passwords or codes: if that was not you, change yours and tell an "
        en += "administrator. "
    if last.is_factor_reset:
        zh += "管理员已停用您的动态码，请重新开通；不是您要求的请告诉管理员。"
        en += "An administrator took your second factor off: add it again, and tell them if you did not ask for it."
    is_strange = bool(last.failed or last.is_factor_reset)
    return Flash(Say(zh, en.strip()), "error" if is_strange else "note") if zh else None


async def here(request: Request[Any, Any, Any], owed: str) -> Step | None:
    """The step of this browser, if it owes just this; None when there is none or it took too long (``lost``)."""
    try:
        async with db.reading() as connection:
            step = await signing.step_of(connection, cookies.get(request.scope, COOKIE))
    except Refusal:
        return None
    return step if step.owed == owed else None


def lost(request: Request[Any, Any, Any]) -> Response[str]:
    """Back to the beginning, with the reason."""
    say = Say("登录超时了，请重新登录。", "The sign-in took too long. Start again.")
    return see_other(request, "/sign-in", flash=Flash(say, "error"))


async def again(request: Request[Any, Any, Any]) -> Step:
    """The step as it stands now: after something of it was done."""
    async with db.reading() as connection:
        return await signing.step_of(connection, cookies.get(request.scope, COOKIE))


async def anew(request: Request[Any, Any, Any], step: Step) -> Step:
    """A fresh step in place of one that ended with every other: after a new password."""
    origin = msgspec.structs.replace(devices.origin(request, step.how), proven_at=step.proven_at)
    token, fresh = await signing.begin(step.person, origin, onward=step.onward)
    cookies.put(request.scope, COOKIE, token)
    return fresh

