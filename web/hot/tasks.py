"""Tasks before complaints: the list, a new one (of an issue, a forecast, a lasting spot), reply, closing, effect."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from channels import reminders_hot
from hotline import areas, city, clock, db, files
from hotline.actor import Actor
from hotline.errors import Refusal, Say, not_found
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import calendar, hot_lists, proactive, themes
from web import forms
from web import worklists as split
from web.access import Who
from web.cases import sent
from web.forms import Form
from web.hot import asks, common, sentences
from web.hot.common import EDIT, AnyRequest
from web.render import render, see_other
from web.trying import worked

ACTS: dict[str, type[Any]] = {"reply": asks.Reply, "decide": asks.Decide, "drop": asks.Drop}
DECISIONS = {"close": Say("核销", "Close it"), "back": Say("退回补办", "Send back")}


@get("/hot/tasks", opt={"needs": SIGNED_IN})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """All tasks, open ones first."""
    common.demand(actor)
    asked = request.query_params.get("state", "")
    state = asked if asked in proactive.STATES else ""
    async with db.reading() as connection:
        rows = await proactive.listed(connection, state)
    return render(
        request, "hot/tasks.html", region="#r-list", rows=rows, state=state, states=proactive.STATES,
        sources=proactive.SOURCES, tabs=common.tabs("tasks"), unit_name=split.unit_name, matter_name=areas.matter_name,
        area_name=areas.area_name, may_make=may(actor, EDIT), at=clock.now(),
    )  # fmt: skip


@get("/hot/tasks/new", opt={"needs": EDIT})
async def blank(request: AnyRequest) -> Response[str]:
    """The form for a task, filled with what an issue, a forecast or a lasting spot says."""
    asked = request.query_params
    days = int(city.current().rule("task.days"))
    due = clock.local_day(calendar.of(city.current()).add_working_days(clock.now(), days).at)
    start: dict[str, object] = {"due": due, "source": "own"}
    start |= {name: asked[name] for name in ("matter", "area", "why", "source") if asked.get(name)}
    if issue := _as_id(asked.get("issue", "")):
        async with db.reading() as connection:
            one = await hot_lists.one(connection, issue)
        start |= {"issue": issue, "matter": one.matter, "area": "" if one.kind == "city" else one.area,
                  "why": sentences.reason(one).zh}  # fmt: skip
    return _new(request, forms.blank(asks.Task, start))


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _new(request: AnyRequest, form: Form[asks.Task], status: int = 200) -> Response[str]:
    matters = {**common.group_choices(), **common.leaf_choices()}
    return render(
        request, "hot/task_new.html", region="#r-task", status=status, form=form, matters=dict(sorted(matters.items())),
        areas=common.area_choices([form.text("area")]), units=common.unit_choices(), tabs=common.tabs("tasks"),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/hot/tasks/new", opt={"needs": EDIT}, status_code=200)
async def make(request: AnyRequest, actor: Who) -> Response[str]:
    """交办, and the unit is told."""
    form = await forms.read(request, asks.Task)

    async def do(w: Work, good: asks.Task) -> proactive.Task:
        source = good.source if good.source in proactive.SOURCES and good.source != "issue" else "own"
        one = await proactive.make(
            w, source=source, matter=good.matter, area=good.area, unit=good.unit, what=good.what, why=good.why,
            due=good.due, issue=good.issue,
        )  # fmt: skip
        await reminders_hot.due(w, what="task_new", key=f"task_new:{one.id}", unit=one.unit, number=one.number,
                                words=one.what, due=one.due_at)  # fmt: skip
        return one

    status, one = await worked(actor, form, do)
    if one is None:
        return _new(request, form, status)
    return see_other(request, f"/hot/tasks/{one.id}", flash=Say(f"{one.number} 已交办。", f"{one.number} is given."))


@get("/hot/tasks/{task_id:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, task_id: FromPath[UUID]) -> Response[str]:
    """One task."""
    return await shown(request, actor, task_id)


async def shown(
    request: AnyRequest, actor: Actor, task_id: UUID, *, name: str = "", form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of a task, with a form that came back."""
    async with db.reading() as connection:
        one = await proactive.found(connection, task_id)
        if not proactive.may_see(actor, one):
            raise not_found()
        proof = await files.of(connection, "task", [task_id])
        effect = await proactive.measured(connection, one)
    offered = _offered(actor, one)
    act = name or request.query_params.get("act", "") or next((one for one in offered if one != "drop"), "")
    act = act if act in offered else ""
    return render(
        request, "hot/task.html", region="#r-task", status=status, one=one, proof=proof, effect=effect, act=act,
        offered=offered, form=form or (forms.blank(ACTS[act]) if act else None), states=proactive.STATES,
        sources=proactive.SOURCES, decisions=DECISIONS, matter_name=areas.matter_name, area_name=areas.area_name,
        unit_name=split.unit_name, names=await common.names([one.made_by, one.replied_by, one.closed_by]),
        at=clock.now(), is_centre=common.sees(actor), tabs=common.tabs("tasks"),
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _offered(actor: Actor, one: proactive.Task) -> list[str]:
    """The acts that are possible for this person now."""
    found = []
    if one.state == "open" and themes.is_handled_by(actor, [one.unit]) and one.unit in actor.units:
        found.append("reply")
    if one.state == "replied" and may(actor, EDIT) and one.replied_by != actor.id:
        found.append("decide")
    if one.state in ("open", "replied") and may(actor, EDIT):
        found.append("drop")
    return found


@post("/hot/tasks/{task_id:uuid}/reply", opt={"needs": SIGNED_IN}, status_code=200)
async def reply(request: AnyRequest, actor: Who, task_id: FromPath[UUID]) -> Response[str]:
    """回复, with proof."""
    form = await forms.read(request, asks.Reply)
    async with db.reading() as connection:
        if not proactive.may_see(actor, await proactive.found(connection, task_id)):
            raise not_found()
    proof: sent.Sent = ()
    try:
        proof = await sent.looked_at(request, "files")
    except Refusal as refusal:
        form.take(refusal)

    async def do(w: Work, good: asks.Reply) -> object:
        one = await proactive.answer(w, task_id, reply=good.reply)
        await common.keep(w, proof, ("task", task_id))
        return one

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, task_id, name="reply", form=form, status=status)
    return see_other(request, f"/hot/tasks/{task_id}", flash=Say("已回复，等中心核销。", "Sent; the centre closes it."))


@post("/hot/tasks/{task_id:uuid}/decision", opt={"needs": EDIT}, status_code=200)
async def decide(request: AnyRequest, actor: Who, task_id: FromPath[UUID]) -> Response[str]:
    """核销, or send back."""
    form = await forms.read(request, asks.Decide)

    async def do(w: Work, good: asks.Decide) -> Say:
        if good.decision == "back":
            one = await proactive.send_back(w, task_id, reason=good.closing)
            await reminders_hot.due(w, what="task_back", key=f"task_back:{one.id}:{w.now:%y%m%d%H%M%S}", unit=one.unit,
                                    number=one.number, words=one.what, due=one.due_at)  # fmt: skip
            return Say("已退回，单位收到提醒。", "Sent back; the unit is told.")
        await proactive.close(w, task_id, closing=good.closing)
        return Say("已核销。", "Closed.")

    status, said = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, task_id, name="decide", form=form, status=status)
    return see_other(request, f"/hot/tasks/{task_id}", flash=said)


@post("/hot/tasks/{task_id:uuid}/drop", opt={"needs": EDIT}, status_code=200)
async def drop(request: AnyRequest, actor: Who, task_id: FromPath[UUID]) -> Response[str]:
    """撤销."""
    form = await forms.read(request, asks.Drop)

    async def do(w: Work, good: asks.Drop) -> object:
        return await proactive.drop(w, task_id, closing=good.closing)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, task_id, name="drop", form=form, status=status)
    return see_other(request, f"/hot/tasks/{task_id}", flash=Say("已撤销。", "Dropped."))


ROUTES = [listed, blank, make, show, reply, decide, drop]
