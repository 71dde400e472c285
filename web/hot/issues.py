"""Emerging issues: the list as small multiples, one with its reason, words, places and cases, and what is decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases.states import CASE_STATES
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from routing import cluster_lists
from sla import hot, hot_acts, hot_lists
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.hot import asks, common, picture, sentences
from web.hot.common import EDIT, AnyRequest
from web.render import render, see_other
from web.trying import worked

EMPTY: dict[str, Say] = {
    "new": Say("现在没有新发现的热点。系统每小时看一次，有异常会排在这里并提醒督办员。",
               "Nothing unusual now. Each hour is looked at; what is unusual comes here and supervisors are told."),
    "watched": Say("没有关注中的热点。", "Nothing is being watched."),
    "theme": Say("没有列入每月一题的热点。", "No issue was made a theme."),
    "task": Say("没有交办的热点。", "No issue was made a task."),
    "dismissed": Say("没有排除过的。", "None was dismissed."),
    "over": Say("还没有平息的热点。", "None is over yet."),
}  # fmt: skip


@get("/hot", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Issues by state; of one county those that touch it."""
    common.demand(actor)
    asked = request.query_params.get("state", "new")
    state = asked if asked in hot_lists.STATES else "new"
    places = common.counties()
    county = request.query_params.get("county", "")
    county = county if county in places else ""
    async with db.reading() as connection:
        rows = await hot_lists.listed(connection, state, county)
        counts = await hot_lists.counts(connection)
    return render(
        request, "hot/index.html", region="#r-list", rows=rows, state=state, states=hot_lists.STATES, counts_of=counts,
        counties=places, county=county, empty=EMPTY[state], tabs=common.tabs("issues"), levels=hot_lists.LEVELS,
        windows=hot_lists.WINDOWS, reason=sentences.reason, usually=sentences.usually, past_days=hot.limits().days,
        pictures={one.id: picture.draw(one.points, one.hours, one.seen_at) for one in rows},
    )  # fmt: skip


@get("/hot/issues/{issue_id:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, issue_id: FromPath[UUID]) -> Response[str]:
    """One issue."""
    return await _shown(request, actor, issue_id)


async def _shown(
    request: AnyRequest, actor: Actor, issue_id: UUID, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    common.demand(actor)
    async with db.reading() as connection:
        one = await hot_lists.one(connection, issue_id)
        cases, total = await hot_lists.cases(connection, actor, one)
        clusters = await cluster_lists.holding(connection, actor, [row.id for row in cases])
        theme = await connection.fetchrow("SELECT id, number FROM theme WHERE issue_id = $1", issue_id)
        task = await connection.fetchrow("SELECT id, number FROM proactive_task WHERE issue_id = $1", issue_id)
    return render(
        request, "hot/issue.html", region="#r-issue", status=status, one=one, cases=cases, total=total,
        clusters=clusters, theme=theme, task=task, form=form or forms.blank(asks.Dismiss), reason=sentences.reason,
        place=sentences.place, picture=picture.draw(one.points, one.hours, one.seen_at),
        states=hot_lists.STATES, levels=hot_lists.LEVELS, windows=hot_lists.WINDOWS, tabs=common.tabs("issues"),
        may_decide=may(actor, EDIT) and one.state in hot_acts.OPEN, names=await common.names([one.settled_by]),
        title_of=split.title_of, unit_name=split.unit_name, case_states=CASE_STATES,
        is_asked=status != 200 or request.query_params.get("act") == "dismiss",
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/hot/issues/{issue_id:uuid}/watch", opt={"needs": EDIT}, status_code=200)
async def watch(request: AnyRequest, actor: Who, issue_id: FromPath[UUID]) -> Response[str]:
    """关注."""
    form = forms.parse(asks.Revision, {})

    async def do(w: Work, _: asks.Revision) -> object:
        return await hot_acts.watch(w, issue_id)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _shown(request, actor, issue_id, form=form, status=status)
    return see_other(request, f"/hot/issues/{issue_id}", flash=Say("已列入关注。", "It is being watched."))


@post("/hot/issues/{issue_id:uuid}/dismissal", opt={"needs": EDIT}, status_code=200)
async def dismiss(request: AnyRequest, actor: Who, issue_id: FromPath[UUID]) -> Response[str]:
    """排除."""
    form = await forms.read(request, asks.Dismiss)

    async def do(w: Work, good: asks.Dismiss) -> object:
        return await hot_acts.dismiss(w, issue_id, reason=good.reason)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await _shown(request, actor, issue_id, form=form, status=status)
    said = Say("已排除；再多起来才会重新出现。", "Dismissed; it comes back only if it grows.")
    return see_other(request, "/hot", flash=said)


ROUTES = [index, show, watch, dismiss]
