"""Fill a gap with an article, say that it is answered, refuse it, give it to another unit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from channels import reminders_gap
from hotline.actor import Actor
from hotline.errors import Say
from hotline.work import Work
from sla import gap_watch, gaps
from web import forms
from web.access import Who
from web.gaps import asks, pages
from web.gaps.pages import READ, AnyRequest
from web.render import see_other
from web.trying import worked

F = TypeVar("F", bound=msgspec.Struct)


async def _done(
    request: AnyRequest, actor: Actor, gap: UUID, name: str, kind: type[F],
    do: Callable[[Work, F], Awaitable[object]], said: Say,
) -> Response[str]:  # fmt: skip
    form = await forms.read(request, kind)
    status, _ = await worked(actor, form, do)
    if status != 200:
        return await pages.shown(request, actor, gap, name=name, form=form, status=status)
    return see_other(request, f"/knowledge/gaps/{gap}", flash=said)


@post("/knowledge/gaps/{gap:uuid}/draft", opt={"needs": READ}, status_code=200)
async def draft(request: AnyRequest, actor: Who, gap: FromPath[UUID]) -> Response[str]:
    """起草: on to the article, with the question filled in; the gap closes when it is approved."""
    form = await forms.read(request, asks.Draft)
    status, article = await worked(actor, form, lambda w, given: gaps.draft(w, gap, answer=given.answer))
    if article is None:
        return await pages.shown(request, actor, gap, name="draft", form=form, status=status)
    zh = "已按缺口起草，写好后送审。审定后缺口自动了结。"
    said = Say(zh, "Drafted. Finish and submit it; approval settles the gap.")
    return see_other(request, f"/knowledge/{article}", flash=said)


@post("/knowledge/gaps/{gap:uuid}/settlement", opt={"needs": READ}, status_code=200)
async def settle(request: AnyRequest, actor: Who, gap: FromPath[UUID]) -> Response[str]:
    """已有答案."""

    async def do(w: Work, given: asks.Settle) -> None:
        await gap_watch.ended(w, await gaps.settle(w, gap, reason=given.reason), reminders_gap.tell)

    said = Say("已了结，报缺口的人会知道。", "Settled; whoever asked is told.")
    return await _done(request, actor, gap, "settle", asks.Settle, do, said)


@post("/knowledge/gaps/{gap:uuid}/refusal", opt={"needs": READ}, status_code=200)
async def refuse(request: AnyRequest, actor: Who, gap: FromPath[UUID]) -> Response[str]:
    """不补, with the reason."""

    async def do(w: Work, given: asks.Refuse) -> None:
        await gap_watch.ended(w, await gaps.refuse(w, gap, reason=given.reason), reminders_gap.tell)

    said = Say("已记下理由，报缺口的人会知道。", "Noted; whoever asked is told why.")
    return await _done(request, actor, gap, "refuse", asks.Refuse, do, said)


@post("/knowledge/gaps/{gap:uuid}/owner", opt={"needs": gaps.EDITOR}, status_code=200)
async def give(request: AnyRequest, actor: Who, gap: FromPath[UUID]) -> Response[str]:
    """改由谁补, with the full time from now."""

    async def do(w: Work, given: asks.Give) -> None:
        await reminders_gap.tell(w, what="gap_new", gap=await gaps.give(w, gap, owner=given.owner))

    said = Say("已交给新的单位，期限重新起算。", "Given to the other unit, with the full time.")
    return await _done(request, actor, gap, "give", asks.Give, do, said)


ROUTES = [draft, settle, refuse, give]
