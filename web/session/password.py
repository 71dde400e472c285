"""A password of one's own choice: changed when one likes, or at sign-in when it must be."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import people, person_reset, signing
from hotline.errors import Refusal, Say
from hotline.permissions import PUBLIC, SIGNED_IN
from web import forms
from web.access import Who
from web.forms import Form, label
from web.render import render, see_other
from web.session import steps
from web.trying import tried

NEW = label(
    "新密码", "New password", least=people.LEAST_PASSWORD, most=200,
    missing=Say(f"密码至少 {people.LEAST_PASSWORD} 位。", f"Use at least {people.LEAST_PASSWORD} characters."),
)  # fmt: skip
AGAIN = label("再输一次新密码", "New password again", most=200)


class Chosen(msgspec.Struct):
    """A new password, typed twice."""

    password: Annotated[str, NEW]
    password_again: Annotated[str, AGAIN]

    def check(self) -> dict[str, Say]:
        """Both are the same."""
        return unlike(self.password, self.password_again)


class Change(msgspec.Struct):
    """The present password and a new one, typed twice."""

    old_password: Annotated[str, label("现在的密码", "Present password", most=200)]
    password: Annotated[str, NEW]
    password_again: Annotated[str, AGAIN]

    def check(self) -> dict[str, Say]:
        """Both are the same."""
        return unlike(self.password, self.password_again)


def unlike(password: str, again: str) -> dict[str, Say]:
    """What is wrong when somebody typed a password twice."""
    if password == again:
        return {}
    return {"password_again": Say("两次输的不一样，请再输一次。", "The two are not the same; type it again.")}


@get("/security/password", opt={"needs": SIGNED_IN}, sync_to_thread=False)
def change_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form to change one's own password."""
    return _changing(request, forms.blank(Change))


@post("/security/password", opt={"needs": SIGNED_IN}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """A new password; sessions elsewhere end, this one stays."""
    form = await forms.read(request, Change)

    async def keep(good: Change) -> bool:
        await person_reset.change_own(actor, good.old_password, good.password)
        return True

    status, is_done = await tried(form, keep, also=(429,))
    if not is_done:
        return _changing(request, form, status)
    return see_other(request, "/security", flash=Say("已改，别处都已退出。", "Changed; you are signed out elsewhere."))


@get("/sign-in/password", opt={"needs": PUBLIC})
async def must_page(request: Request[Any, Any, Any]) -> Response[str]:
    """A password of one's own is due before going in."""
    step = await steps.here(request, signing.PASSWORD)
    return steps.lost(request) if step is None else _choosing(request, forms.blank(Chosen))


@post("/sign-in/password", opt={"needs": PUBLIC}, status_code=200)
async def must(request: Request[Any, Any, Any]) -> Response[str]:
    """The new password is kept, and the sign-in goes on."""
    step = await steps.here(request, signing.PASSWORD)
    if step is None:
        return steps.lost(request)
    form = await forms.read(request, Chosen)

    async def keep(good: Chosen) -> bool:
        if await people.is_password(step.person, good.password):
            say = Say("新密码和原来的一样，请换一个。", "That is the old password; choose another.")
            raise Refusal(422, "same", say, fields={"password": say})
        await people.set_password(step.person, good.password)
        return True

    status, is_done = await tried(form, keep)
    if not is_done:
        return _choosing(request, form, status)
    return await steps.on(request, await steps.anew(request, step))


def _changing(request: Request[Any, Any, Any], form: Form[Change], status: int = 200) -> Response[str]:
    return _form(request, form, status, "/security/password", "layouts/staff.html")


def _choosing(request: Request[Any, Any, Any], form: Form[Chosen], status: int = 200) -> Response[str]:
    return _form(request, form, status, "/sign-in/password", "layouts/public.html")


def _form(request: Request[Any, Any, Any], form: Form[Any], status: int, action: str, layout: str) -> Response[str]:
    for name in ("old_password", "password", "password_again"):
        form.typed.pop(name, None)
    return render(
        request, "session/password.html", region="#r-password", status=status,
        focus="#r-errors" if status != 200 else "", form=form, action=action, layout=layout,
    )  # fmt: skip


ROUTES = [change_page, change, must_page, must]
