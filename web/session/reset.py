"""A forgotten password: the slip is made by an administrator or the unit's head, and used by its holder."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, clock, db, people, person_reset, settings
from hotline.errors import Say
from hotline.permissions import PUBLIC, may
from web import forms
from web.access import Who
from web.admin import words
from web.forms import Form, label
from web.render import render, see_other
from web.session.password import AGAIN, NEW, unlike
from web.trying import tried

MOST = 200
"""People on one page; a county's has a search."""


class Slip(msgspec.Struct):
    """What stands on the slip, and the password to be."""

    login: Annotated[str, label("登录名", "Login", most=64)]
    code: Annotated[str, label("纸条上的码", "Code on the slip", most=40)]
    password: Annotated[str, NEW]
    password_again: Annotated[str, AGAIN]

    def check(self) -> dict[str, Say]:
        """Both passwords are the same."""
        return unlike(self.password, self.password_again)


@get("/reset", opt={"needs": PUBLIC}, sync_to_thread=False)
def page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form for who has a slip."""
    return _page(request, forms.blank(Slip))


@post("/reset", opt={"needs": PUBLIC}, status_code=200)
async def use(request: Request[Any, Any, Any]) -> Response[str]:
    """The slip is taken: the new password holds, and one signs in with it."""
    form = await forms.read(request, Slip)
    address = request.client.host if request.client else ""
    status, person = await tried(
        form, lambda good: person_reset.use(good.login, good.code, good.password, address), also=(429,)
    )
    if person is None:
        return _page(request, form, status)
    return see_other(request, "/sign-in", flash=Say("新密码已生效，请登录。", "The new password holds; sign in."))


def _page(request: Request[Any, Any, Any], form: Form[Slip], status: int = 200) -> Response[str]:
    for name in ("password", "password_again"):
        form.typed.pop(name, None)
    return render(
        request, "session/reset.html", region="#r-reset", status=status, focus="#r-errors" if status != 200 else "",
        form=form,
    )  # fmt: skip


@post("/people/{person:uuid}/slip", opt={"needs": person_reset.RESET, "is_grave": True}, status_code=200)
async def make(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """A slip for a new password: shown once, on the answer to this very post."""
    one = await person_reset.demand_right(actor, person)
    async with db.atomic() as connection:
        code = await person_reset.make(connection, person, actor.id)
        await acts.note(connection, actor, "password_slip_made", f"person:{person}")
    root = (settings.current().public_url or str(request.base_url)).rstrip("/")
    back = f"/people/{person}" if may(actor, person_reset.EDIT) else "/team"
    return render(
        request, "session/slip.html", region="#r-slip", one=one, code=code, until=clock.now() + person_reset.good_for(),
        address=f"{root}/reset", back=back,
    )  # fmt: skip


@get("/team", opt={"needs": person_reset.RESET})
async def team(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The people of a head's unit and the units under it: who may be helped to a new password."""
    asked = request.query_params.get("q", "").strip()[:60]
    found = await people.search(asked, units=actor.units, limit=MOST + 1)
    return render(
        request, "session/team.html", found=sorted(found[:MOST], key=lambda one: actor.units.index(one.unit)),
        asked=asked, is_cut=len(found) > MOST, words=words, may_help=partial(person_reset.may_help, actor),
    )  # fmt: skip


ROUTES = [page, use, make, team]
