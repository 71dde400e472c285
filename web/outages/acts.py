"""Enter an outage, move its end, correct it, end it, withdraw it, let it go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from cases import outage_acts
from channels import notify_outage, outage_callers
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work, work
from web import forms
from web.access import Who
from web.outages import asks, pages
from web.outages.pages import EDIT, AnyRequest
from web.render import see_other
from web.trying import worked

F = TypeVar("F", bound=msgspec.Struct)


@post("/outages", opt={"needs": EDIT}, status_code=200)
async def enter(request: AnyRequest, actor: Who) -> Response[str]:
    """登记."""
    form = await forms.read(request, asks.Notice)
    status, one = await worked(actor, form, lambda w, given: outage_acts.enter(w, form.once_id, given.plan()))
    if one is None:
        return pages.entered(request, actor, form, status)
    said = Say(f"{one.number}已登记，来电会对上它。", f"{one.number} is entered; calls are matched with it.")
    return see_other(request, f"/outages/{one.id}", flash=said)


async def _done(
    request: AnyRequest, actor: Actor, outage: UUID, name: str, kind: type[F],
    do: Callable[[Work, F], Awaitable[object]], said: Say,
) -> Response[str]:  # fmt: skip
    form = await forms.read(request, kind)
    status, _ = await worked(actor, form, do)
    if status != 200:
        return await pages.shown(request, actor, outage, name=name, form=form, status=status)
    return see_other(request, f"/outages/{outage}", flash=said)


@post("/outages/{outage:uuid}/end", opt={"needs": EDIT}, status_code=200)
async def end(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """恢复: its callers are told, once."""
    return await _done(
        request, actor, outage, "end", asks.End,
        lambda w, given: outage_acts.end(w, outage, at=given.moment, words=given.words, revision=given.revision),
        Say("记下了，正在告知来电的人。", "Noted. Those who called are being told."),
    )  # fmt: skip


@post("/outages/{outage:uuid}/expected-end", opt={"needs": EDIT}, status_code=200)
async def move(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """改预计恢复时间."""
    return await _done(
        request, actor, outage, "move", asks.Move,
        lambda w, given: outage_acts.move_end(
            w, outage, expected=given.expected, why=given.why, revision=given.revision
        ),
        Say("预计恢复时间已改，坐席和公众看到的是新的。", "Moved; agents and the public see the new time."),
    )  # fmt: skip


@post("/outages/{outage:uuid}/correction", opt={"needs": EDIT}, status_code=200)
async def correct(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """更正."""
    return await _done(
        request, actor, outage, "correct", asks.Notice,
        lambda w, given: outage_acts.correct(w, outage, given.plan(), why=given.why, revision=given.revision),
        Say("已更正。", "Corrected."),
    )  # fmt: skip


@post("/outages/{outage:uuid}/withdrawal", opt={"needs": EDIT}, status_code=200)
async def withdraw(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """撤回."""
    return await _done(
        request, actor, outage, "withdraw", asks.Withdraw,
        lambda w, given: outage_acts.withdraw(w, outage, reason=given.reason, revision=given.revision),
        Say("已撤回，按它答复过的人会收到更正。", "Withdrawn; those who were answered with it are told."),
    )  # fmt: skip


@post("/outages/{outage:uuid}/going-on", opt={"needs": EDIT}, status_code=200)
async def go_on(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """没有恢复; what was not sent yet of its end is not sent any more."""

    async def do(w: Work, given: asks.Again) -> None:
        await outage_acts.go_on(w, outage, expected=given.expected, why=given.why, revision=given.revision)
        await notify_outage.recall(w, outage)

    return await _done(
        request, actor, outage, "again", asks.Again, do,
        Say("已改为继续停供，真正恢复时再告知一次。", "It goes on; callers are told once more when it is over."),
    )  # fmt: skip


@post("/outages/{outage:uuid}/called", opt={"needs": pages.CALL}, status_code=200)
async def called(request: AnyRequest, actor: Who, outage: FromPath[UUID]) -> Response[str]:
    """已打电话: one whom no message reaches."""
    form = await forms.read(request, asks.Called)
    async with work(actor) as w:
        await outage_callers.called(w, outage, form.good.receipt)
    said = Say("记下了，这一位已打电话告知。", "Noted: they were told by telephone.")
    return see_other(request, f"/outages/{outage}", flash=said)


ROUTES = [enter, end, move, correct, withdraw, go_on, called]
