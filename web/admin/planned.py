"""Planned work: announced beforehand, so that uptime does not count it; the list, the form, taking one back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.machine import planned
from web import forms
from web.access import Who
from web.admin import words
from web.forms import Form, label
from web.render import render, see_other
from web.trying import tried

AnyRequest = Request[Any, Any, Any]
NEEDS = {"needs": "operations.read"}
PLACE = "/admin/operations/planned"


class Plan(msgspec.Struct, kw_only=True):
    """公布维护窗口."""

    begins: Annotated[datetime, label("开始", "Begins", missing=Say("请写什么时候开始。", "Say when it begins."))]
    ends: Annotated[datetime, label("结束", "Ends", missing=Say("请写什么时候结束。", "Say when it ends."))]
    reason: Annotated[str, label("做什么", "What is done", most=200, missing=Say("请写做什么。", "Say what is done."))]


@get(PLACE, opt=NEEDS)
async def page(request: AnyRequest, actor: Who) -> Response[str]:
    """What is announced, what was, and the form for another."""
    return await _shown(request, actor, forms.blank(Plan))


async def _shown(request: AnyRequest, actor: Actor, form: Form[Plan], *, status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        windows = await planned.listed(connection)
    return render(
        request, "admin/planned.html", region="#r-planned", status=status, form=form, windows=windows,
        notice=city.current().rule("uptime.notice"), tabs=words.tabs(actor, "/admin/operations"),
    )  # fmt: skip


@post(PLACE, opt=NEEDS, status_code=200)
async def announce(request: AnyRequest, actor: Who) -> Response[str]:
    """公布."""
    form = await forms.read(request, Plan)

    async def do(given: Plan) -> object:
        async with db.atomic() as connection:
            return await planned.announce(connection, actor, given.begins, given.ends, given.reason)

    status, _ = await tried(form, do)
    if status != 200:
        return await _shown(request, actor, form, status=status)
    say = Say("已公布，这段时间不计入可用率。", "Announced; uptime does not count that time.")
    return see_other(request, PLACE, flash=say)


@post(PLACE + "/{window:uuid}/withdraw", opt=NEEDS, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, window: FromPath[UUID]) -> Response[str]:
    """撤回."""
    async with db.atomic() as connection:
        await planned.withdraw(connection, actor, window)
    return see_other(request, PLACE, flash=Say("已撤回，这段时间照常计。", "Taken back; that time counts as ever."))


ROUTES = [page, announce, withdraw]
