"""The second factor: asked for at sign-in and before dangerous acts, added, given up, its recovery codes renewed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from hotline import acts, db, factors, locks, person_reset, posts, sessions, signing
from hotline.actor import Actor
from hotline.errors import Say, conflict
from hotline.permissions import PUBLIC, SIGNED_IN
from web import cookies, forms
from web.access import Who
from web.forms import Form, label
from web.public.pass_cookie import UNSTORED
from web.render import render, see_other
from web.session import steps
from web.session.paths import own_path
from web.trying import tried

ISSUER = "12345"
CODE = label("动态码", "Code", most=20, missing=Say("还没输动态码。", "Enter the code."))


class Code(msgspec.Struct):
    """A code of the application, or a recovery code; ``next`` is where one was going."""

    code: Annotated[str, CODE]
    next: str = ""


@get("/sign-in/factor", opt={"needs": PUBLIC})
async def ask(request: Request[Any, Any, Any]) -> Response[str]:
    """The code is asked for."""
    step = await steps.here(request, signing.FACTOR)
    return steps.lost(request) if step is None else _asked(request, forms.blank(Code))


@post("/sign-in/factor", opt={"needs": PUBLIC}, status_code=200)
async def show(request: Request[Any, Any, Any]) -> Response[str]:
    """The code is looked at: on with the sign-in, or once more."""
    step = await steps.here(request, signing.FACTOR)
    if step is None:
        return steps.lost(request)
    form = await forms.read(request, Code)
    is_given = form.is_good
    status, is_right = await _demanded(_person(step), form)
    async with db.atomic() as connection:
        if is_right:
            await signing.prove(connection, cookies.get(request.scope, steps.COOKIE))
        elif is_given and status == 422:
            await locks.missed(connection, step.person)  # whoever got here knew the password
    if not is_right:
        return _asked(request, form, status)
    return await steps.on(request, await steps.again(request))


async def _demanded(actor: Actor, form: Form[Code]) -> tuple[int, bool]:
    """The status, and whether the form's code was right; a recovery code that is spent is noted."""
    status, kind = await tried(form, lambda good: factors.demand(actor.id, good.code), also=(429,))
    if kind == "recovery":
        async with db.atomic() as connection:
            await acts.note(connection, actor, "recovery_code_used", f"person:{actor.id}")
    return status, kind is not None


def _asked(request: Request[Any, Any, Any], form: Form[Code], status: int = 200) -> Response[str]:
    form.typed.pop("code", None)
    focus = "#r-errors" if status != 200 else ""
    return render(request, "session/factor.html", region="#r-factor", status=status, focus=focus, form=form)


@get("/sign-in/enrol", opt={"needs": PUBLIC})
async def must_enrol(request: Request[Any, Any, Any]) -> Response[str]:
    """The role needs a second factor, and there is none yet."""
    step = await steps.here(request, signing.ENROL)
    if step is None:
        return steps.lost(request)
    return await _enrolling(request, _person(step), forms.blank(Code), "/sign-in/enrol")


@post("/sign-in/enrol", opt={"needs": PUBLIC}, status_code=200)
async def enrolled(request: Request[Any, Any, Any]) -> Response[str]:
    """The application shows the right code: the recovery codes, once, and from there on in."""
    step = await steps.here(request, signing.ENROL)
    if step is None:
        return steps.lost(request)
    actor, form = _person(step), await forms.read(request, Code)
    answer = await _confirmed(request, actor, form, "/sign-in/enrol")
    if answer is None:
        return await _enrolling(request, actor, form, "/sign-in/enrol", 422)
    async with db.atomic() as connection:
        await signing.prove(connection, cookies.get(request.scope, steps.COOKIE))
    return answer


@post("/sign-in/enrolled", opt={"needs": PUBLIC}, status_code=200)
async def go_on(request: Request[Any, Any, Any]) -> Response[str]:
    """The recovery codes were written down: on with the sign-in."""
    step = await steps.here(request, "")
    return steps.lost(request) if step is None else await steps.on(request, step)


@get("/security/factor", opt={"needs": SIGNED_IN})
async def add_page(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Add a second factor of one's own accord."""
    if actor.has_factor:
        return see_other(request, "/security")
    return await _enrolling(request, actor, forms.blank(Code), "/security/factor")


@post("/security/factor", opt={"needs": SIGNED_IN}, status_code=200)
async def add(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The application shows the right code: the recovery codes, once."""
    if actor.has_factor:
        raise conflict("factor_there", "您已开通动态码。", "You have a second factor already.")
    form = await forms.read(request, Code)
    answer = await _confirmed(request, actor, form, "/security/factor")
    if answer is None:
        return await _enrolling(request, actor, form, "/security/factor", 422)
    if actor.session is not None:
        async with db.atomic() as connection:
            await sessions.prove(connection, actor.session)
    return answer


@post("/security/factor/end", opt={"needs": SIGNED_IN}, status_code=200)
async def give_up(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """No second factor any more; whose role needs one cannot, and the code is asked for."""
    form = await forms.read(request, Code)
    async with db.reading() as connection:
        roles = await posts.roles_of(connection, actor.id)
    if factors.is_required(roles):
        raise conflict("factor_required", "您的角色必须用动态码登录。", "Your role must sign in with a second factor.")
    if "code" not in form.typed:  # the button that leads here
        return _proof(request, forms.blank(Code), "/security/factor/end")
    status, is_right = await _demanded(actor, form)
    if not is_right:
        return _proof(request, form, "/security/factor/end", status)
    async with db.atomic() as connection:
        await factors.remove(connection, actor.id)
        await acts.note(connection, actor, "factor_removed", f"person:{actor.id}")
    return see_other(request, "/security", flash=Say("已停用动态码。", "The second factor is off."))


@post("/security/factor/codes", opt={"needs": SIGNED_IN}, status_code=200)
async def renew(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Fresh recovery codes, after a code of the application."""
    form = await forms.read(request, Code)
    if "code" not in form.typed:  # the button that leads here
        return _proof(request, forms.blank(Code), "/security/factor/codes")
    status, is_right = await _demanded(actor, form)
    if not is_right:
        return _proof(request, form, "/security/factor/codes", status)
    async with db.atomic() as connection:
        codes = await factors.renew_codes(connection, actor.id)
        await acts.note(connection, actor, "recovery_codes_made", f"person:{actor.id}")
    return _codes(request, actor, codes, "/security/factor/codes")


@get("/security/proof", opt={"needs": SIGNED_IN}, sync_to_thread=False)
def proof_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The code, once more, before a dangerous act."""
    onward = own_path(request.query_params.get("next", ""))
    return _proof(request, forms.blank(Code, {"next": onward}), "/security/proof")


@post("/security/proof", opt={"needs": SIGNED_IN}, status_code=200)
async def prove(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The code is right: for a while dangerous acts may be done in this session."""
    form = await forms.read(request, Code)
    status, is_right = await _demanded(actor, form)
    if not is_right or actor.session is None:
        return _proof(request, form, "/security/proof", status)
    async with db.atomic() as connection:
        await sessions.prove(connection, actor.session)
    say = Say("已核对，可以继续。", "Your code is right; go on.")
    return see_other(request, own_path(form.good.next) or "/security", flash=say)


def _proof(request: Request[Any, Any, Any], form: Form[Code], action: str, status: int = 200) -> Response[str]:
    form.typed.pop("code", None)
    focus = "#r-errors" if status != 200 else ""
    return render(
        request, "session/proof.html", region="#r-proof", status=status, focus=focus, form=form, action=action
    )


async def _enrolling(
    request: Request[Any, Any, Any], actor: Actor, form: Form[Code], action: str, status: int = 200
) -> Response[str]:
    form.typed.pop("code", None)
    async with db.atomic() as connection:
        secret = await factors.begin(connection, actor.id)
    picture = segno.make(factors.address(secret, actor.login, ISSUER), error="m")
    return render(
        request, "session/enrol.html", region="#r-enrol", status=status, focus="#r-errors" if status != 200 else "",
        form=form, action=action, qr=Markup(picture.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)),  # noqa: S704 - made here
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), is_due=action != "/security/factor",
        layout=_layout(actor), headers=UNSTORED,
    )  # fmt: skip


async def _confirmed(
    request: Request[Any, Any, Any], actor: Actor, form: Form[Code], action: str
) -> Response[str] | None:
    async def keep(good: Code) -> list[str]:
        async with db.atomic() as connection:
            codes = await factors.confirm(connection, actor.id, good.code)
            await acts.note(connection, actor, "factor_added", f"person:{actor.id}")
            return codes

    _, codes = await tried(form, keep)
    return _codes(request, actor, codes, action) if codes is not None else None


def _codes(request: Request[Any, Any, Any], actor: Actor, codes: list[str], action: str) -> Response[str]:
    return render(
        request, "session/codes.html", region="#r-enrol", codes=codes, is_due=action == "/sign-in/enrol",
        layout=_layout(actor), headers=UNSTORED,
    )  # fmt: skip


def _layout(actor: Actor) -> str:
    return "layouts/staff.html" if actor.session is not None else "layouts/public.html"


def _person(step: signing.Step) -> Actor:
    """Who is on the way in, for the log of acts."""
    return Actor(id=step.person, kind="staff", login=step.login)


@post("/people/{person:uuid}/factor/end", opt={"needs": person_reset.EDIT, "is_grave": True}, status_code=200)
async def take_off(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """A lost device: an administrator takes the second factor off; the person is told at the next sign-in."""
    one = await person_reset.demand_right(actor, person)
    async with db.atomic() as connection:
        if await factors.remove(connection, one.id):
            await signing.factor_reset(connection, one.id)
            await sessions.end_others(connection, one.id, None)
            await acts.note(connection, actor, "factor_reset", f"person:{person}")
    say = Say("已停用其动态码，本人下次登录会看到。", "It is off; the person is told at the next sign-in.")
    return see_other(request, f"/people/{person}", flash=say)


ROUTES = [ask, show, must_enrol, enrolled, go_on, add_page, add, give_up, renew, proof_page, prove, take_off]
