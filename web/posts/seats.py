"""My posts: the own one, those of other grants, those of whom I act for; sitting down at one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from hotline import db, posts
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from web import forms, navigation
from web.access import Who
from web.admin import words
from web.forms import label
from web.render import render, see_other
from web.session.paths import own_path

AnyRequest = Request[Any, Any, Any]
SIGNED_IN = {"needs": "signed_in"}
AT = "/posts"


class Seat(msgspec.Struct, kw_only=True):
    """The post to sit at, by its key; "" is the own one. ``next`` is where to go then."""

    post: Annotated[str, label("岗位", "Post", most=120)] = ""
    next: str = ""


@get(AT, opt=SIGNED_IN)
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """My posts today."""
    return await _page(request, actor, forms.blank(Seat, {"next": own_path(request.query_params.get("next", ""))}))


async def _page(request: AnyRequest, actor: Actor, form: forms.Form[Seat], status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        found = await posts.of(connection, actor.id)
    seat = next((one for one in found if (one.unit, one.county, one.behalf) ==
                 (actor.unit, actor.jurisdiction, actor.behalf)), None)  # fmt: skip
    return render(
        request, "posts/index.html", region="#r-posts", status=status, focus="#r-errors" if status != 200 else "",
        form=form, posts=found, seat=seat, words=words, own=found[0],
    )  # fmt: skip


@post(AT, opt={**SIGNED_IN, "at_any_post": True}, status_code=200)
async def sit(request: AnyRequest, actor: Who) -> Response[str]:
    """Sit down at a post, in this browser alone, and go to its first screen."""
    form = await forms.read(request, Seat)
    try:
        async with db.atomic() as connection:
            found = await posts.sit(connection, actor, form.text("post"))
    except Refusal as refusal:
        form.take(refusal)
        return await _page(request, actor, form, refusal.status)
    seated = msgspec.structs.replace(actor, roles=frozenset(found.roles), unit=found.unit)
    say = (
        Say(f"现在代{found.behalf_name}办理。", f"You act for {found.behalf_name}.")
        if found.behalf else Say("已换岗位。", "You sit at that post now.")
    )  # fmt: skip
    return see_other(request, own_path(form.text("next")) or navigation.home(seated), flash=say)


ROUTES = [index, sit]
