"""Acts on a theme, each a form with an address; what does not pass comes back as it was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from hotline import db, jobs
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import SIGNED_IN
from hotline.work import Work
from sla import theme_answers, theme_cases, theme_steps, themes
from web import forms
from web.access import Who
from web.cases import sent
from web.cases_access import opened_for
from web.hot import asks, common
from web.hot.common import EDIT, AnyRequest
from web.hot.themes import shown
from web.render import see_other
from web.trying import worked


async def _done(
    request: AnyRequest, actor: Actor, theme_id: UUID, name: str, kind: type[msgspec.Struct],
    do: Callable[[Work, Any], Awaitable[object]], said: Say, *, has_files: bool = False,
) -> Response[str]:  # fmt: skip
    """Do it with the form; what came with it is kept beside the theme."""
    await _within_reach(actor, theme_id)
    form = await forms.read(request, kind)
    proof: sent.Sent = ()
    if has_files:
        try:
            proof = await sent.looked_at(request, "files")
        except Refusal as refusal:
            form.take(refusal)

    async def both(w: Work, good: Any) -> bool:
        await common.keep(w, proof, ("theme", theme_id))
        await do(w, good)
        return True

    status, _ = await worked(actor, form, both)
    if status != 200:
        return await shown(request, actor, theme_id, name=name, form=form, status=status)
    return see_other(request, f"/hot/themes/{theme_id}", flash=said)


async def _within_reach(actor: Actor, theme_id: UUID) -> None:
    """404 for whoever may not even see it."""
    async with db.reading() as connection:
        one = await themes.found(connection, theme_id)
        units = [one.unit, *(step.unit for step in await theme_steps.steps(connection, theme_id))]
    if not (common.sees(actor) or themes.is_handled_by(actor, units)):
        raise not_found()


@post("/hot/themes/{theme_id:uuid}/steps", opt={"needs": EDIT}, status_code=200)
async def step(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """A step of the plan."""

    async def do(w: Work, good: asks.Step) -> None:
        await theme_steps.add(w, theme_id, what=good.what, unit=good.unit, due=good.due)

    return await _done(request, actor, theme_id, "step", asks.Step, do, Say("已加上这一步。", "The step is added."))


@post("/hot/themes/{theme_id:uuid}/done", opt={"needs": SIGNED_IN}, status_code=200)
async def done(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """A step is done."""

    async def do(w: Work, good: asks.Done) -> None:
        await theme_steps.done(w, theme_id, good.step, note=good.note)

    return await _done(request, actor, theme_id, "done", asks.Done, do, Say("已报完成。", "Reported done."))


@post("/hot/themes/{theme_id:uuid}/progress", opt={"needs": SIGNED_IN}, status_code=200)
async def report(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """报进展, with proof."""

    async def do(w: Work, good: asks.Report) -> None:
        await theme_steps.report(w, theme_id, words=good.words)

    said = Say("进展已记下，审核后公开。", "Noted; public once it was looked through.")
    return await _done(request, actor, theme_id, "report", asks.Report, do, said, has_files=True)


@post("/hot/themes/{theme_id:uuid}/progress/public", opt={"needs": EDIT}, status_code=200)
async def show_progress(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """公开一条进展."""

    async def do(w: Work, good: asks.Show) -> None:
        await theme_steps.show(w, theme_id, good.id)

    return await _done(request, actor, theme_id, "show", asks.Show, do, Say("这条进展已公开。", "It is public."))


@post("/hot/themes/{theme_id:uuid}/steps/public", opt={"needs": EDIT}, status_code=200)
async def show_step(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """公开后来加的一步."""

    async def do(w: Work, good: asks.Show) -> None:
        await theme_steps.show_step(w, theme_id, good.id)

    return await _done(request, actor, theme_id, "show", asks.Show, do, Say("这一步已公开。", "It is public."))


@post("/hot/themes/{theme_id:uuid}/closing/public", opt={"needs": EDIT}, status_code=200)
async def show_closing(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """公开怎样结束."""

    async def do(w: Work, _: asks.Ended) -> None:
        await themes.show_closing(w, theme_id)

    return await _done(request, actor, theme_id, "ended", asks.Ended, do, Say("已公开。", "It is public."))


@post("/hot/themes/{theme_id:uuid}/publication", opt={"needs": EDIT}, status_code=200)
async def publish(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """公开这一题."""

    async def do(w: Work, good: asks.Revision) -> None:
        await themes.publish(w, theme_id, revision=good.revision)

    return await _done(request, actor, theme_id, "publish", asks.Revision, do, Say("已公开。", "It is public."))


@post("/hot/themes/{theme_id:uuid}/answer", opt={"needs": EDIT}, status_code=200)
async def answer(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """写统一答复."""

    async def do(w: Work, good: asks.Answer) -> None:
        await theme_answers.write(w, theme_id, answer=good.answer, sources=good.sources)

    said = Say("已存，请另一人批准。", "Kept; somebody else approves it.")
    return await _done(request, actor, theme_id, "answer", asks.Answer, do, said)


@post("/hot/themes/{theme_id:uuid}/approval", opt={"needs": EDIT}, status_code=200)
async def approve(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """批准统一答复; the worker sends it."""

    async def do(w: Work, good: asks.Revision) -> None:
        await theme_answers.approve(w, theme_id, revision=good.revision)
        w.after(_nudge)

    said = Say("已批准，正在发给每位来件人。", "Approved; it goes out to everybody who asked.")
    return await _done(request, actor, theme_id, "approve", asks.Revision, do, said)


async def _nudge() -> None:
    jobs.nudge_soon("answer_themes")


@post("/hot/themes/{theme_id:uuid}/cases", opt={"needs": EDIT}, status_code=200)
async def add(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """Put a case in by its number."""

    async def do(w: Work, good: asks.OneCase) -> None:
        await themes.opened(w, theme_id)
        try:
            file = await opened_for(w, good.case.strip())
        except Refusal as refusal:
            say = Say("没有这个编号，或不归您查看。", "No such number, or not yours to see.")
            raise Refusal(422, "no_case", say, fields={"case": say}) from refusal
        await theme_cases.add(w, theme_id, file.case.id)

    return await _done(request, actor, theme_id, "case", asks.OneCase, do, Say("已列入。", "It is in."))


@post("/hot/themes/{theme_id:uuid}/cases/removal", opt={"needs": EDIT}, status_code=200)
async def remove(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """Take a case out."""

    async def do(w: Work, good: asks.OneCase) -> None:
        await themes.opened(w, theme_id)
        file = await opened_for(w, good.case.strip())
        await theme_cases.remove(w, theme_id, file.case.id)

    return await _done(request, actor, theme_id, "case", asks.OneCase, do, Say("已移出。", "It is out."))


@post("/hot/themes/{theme_id:uuid}/close", opt={"needs": EDIT}, status_code=200)
async def close(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """办结."""

    async def do(w: Work, good: asks.Close) -> None:
        await themes.close(w, theme_id, closing=good.closing)

    said = Say("已办结；另一人审核后公开。", "The theme is done; public once somebody else passed it.")
    return await _done(request, actor, theme_id, "close", asks.Close, do, said, has_files=True)


@post("/hot/themes/{theme_id:uuid}/drop", opt={"needs": EDIT}, status_code=200)
async def drop(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """撤销."""

    async def do(w: Work, good: asks.Drop) -> None:
        await themes.drop(w, theme_id, closing=good.closing)

    return await _done(request, actor, theme_id, "drop", asks.Drop, do, Say("已撤销。", "The theme is dropped."))


ROUTES = [
    step, done, report, show_progress, show_step, show_closing, publish, answer, approve, add, remove, close, drop
]  # fmt: skip
