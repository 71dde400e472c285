"""Acts on a cluster, each a form with an address; what does not pass comes back as it was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from hotline import db
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may, refused
from hotline.work import Work, work
from routing import cluster_acts, cluster_lists
from web import forms
from web.access import Who
from web.clusters.pages import Dismiss, Merge, Report, TakeOut, shown
from web.render import see_other

AnyRequest = Request[Any, Any, Any]


async def _done(
    request: AnyRequest,
    actor: Actor,
    cluster: UUID,
    kind: type[msgspec.Struct],
    do: Callable[[Work, Any], Awaitable[object]],
    said: Say,
) -> Response[str]:
    async with db.reading() as connection:
        await cluster_lists.one(connection, actor, cluster)
    form = await forms.read(request, kind)
    if not form.is_good:
        return await shown(request, actor, cluster, form=form)
    try:
        async with work(actor) as w:
            await do(w, form.good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return await shown(request, actor, cluster, form=form, refusal=refusal)
    return see_other(request, f"/clusters/{cluster}", flash=said)


@post("/clusters/{cluster:uuid}/merge", opt={"needs": "case.dispatch"}, status_code=200)
async def merge(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """Merge the ticked cases into the head."""

    async def do(w: Work, given: Merge) -> None:
        await cluster_acts.merge(w, cluster, given.cases, reason=given.reason)

    zh, en = "已合并，每位诉求人都保留自己的编号、答复和评价。", "Merged; each keeps number, answer and rating."
    said = Say(zh, en)
    return await _done(request, actor, cluster, Merge, do, said)


@post("/clusters/{cluster:uuid}/removal", opt={"needs": "case.dispatch"}, status_code=200)
async def take_out(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """Take one case out of the group."""

    async def do(w: Work, given: TakeOut) -> None:
        await cluster_acts.take_out(w, cluster, given.case)

    return await _done(request, actor, cluster, TakeOut, do, Say("已移出这一组。", "Taken out of the group."))


@post("/clusters/{cluster:uuid}/dismissal", opt={"needs": "case.dispatch"}, status_code=200)
async def dismiss(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """Say that they are not the same."""

    async def do(w: Work, given: Dismiss) -> None:
        await cluster_acts.dismiss(w, cluster, reason=given.why)

    said = Say("已记下不是同一件事，不会再自动聚到一起。", "Noted; they will not gather again by themselves.")
    return await _done(request, actor, cluster, Dismiss, do, said)


@post("/clusters/{cluster:uuid}/report", opt={"needs": "signed_in"}, status_code=200)
async def report(request: AnyRequest, actor: Who, cluster: FromPath[UUID]) -> Response[str]:
    """Send the special report."""
    if not (may(actor, "case.supervise") or may(actor, "case.dispatch")):
        raise refused("case.supervise")

    async def do(w: Work, given: Report) -> None:
        await cluster_acts.report(w, cluster, text=given.report)

    return await _done(request, actor, cluster, Report, do, Say("专报已送出。", "The special report is sent."))
