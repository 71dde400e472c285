"""The graded list of themes (分级清单), a new one, and one with its plan, cases, answer and proof."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases.states import CASE_STATES
from channels import reminders_hot
from hotline import areas, clock, db, files
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import hot_lists, theme_cases, theme_lists, theme_steps, themes
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.hot import asks, common, picture, sentences
from web.hot.common import EDIT, AnyRequest
from web.render import render, see_other
from web.trying import worked

FORMS: dict[str, type[Any]] = {
    "step": asks.Step, "done": asks.Done, "report": asks.Report, "answer": asks.Answer, "case": asks.OneCase,
    "close": asks.Close, "drop": asks.Drop, "approve": asks.Revision, "show": asks.Show, "ended": asks.Ended,
}  # fmt: skip
"""The forms of a theme's page: one stands open at a time, as the address says."""


@get("/hot/themes", opt={"needs": SIGNED_IN})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """All themes by grade, with owner, plan, progress and proof."""
    common.demand(actor)
    asked = request.query_params.get("state", "open")
    state = asked if asked in themes.STATES else "open"
    async with db.reading() as connection:
        rows = await theme_lists.listed(connection, state, clock.now())
    return render(
        request, "hot/themes.html", region="#r-list", rows=rows, state=state, states=themes.STATES,
        grades=themes.GRADES, unit_name=split.unit_name, tabs=common.tabs("themes"), may_make=may(actor, EDIT),
        matters=common.matters,
    )  # fmt: skip


@get("/hot/themes/new", opt={"needs": EDIT})
async def blank(request: AnyRequest) -> Response[str]:
    """The form for a theme, filled with what an issue says."""
    start: dict[str, object] = {"since": clock.today() - timedelta(days=30), "grade": "city"}
    text = request.query_params.get("issue", "")
    async with db.reading() as connection:
        one = await hot_lists.one(connection, UUID(text)) if _is_id(text) else None
    if one is not None:
        where = "" if one.kind == "city" else one.area_say.zh
        start |= {"issue": one.id, "matters": [one.matter], "areas": [] if one.kind == "city" else [one.area],
                  "title": f"{where}{one.matter_say.zh}"[:60], "why": sentences.reason(one).zh}  # fmt: skip
    return _new(request, forms.blank(asks.Plan, start))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _new(
    request: AnyRequest, form: Form[asks.Plan], status: int = 200, one: themes.Theme | None = None
) -> Response[str]:
    chosen = [code for code in form.typed.get("matters", []) if len(code) > 4]
    leaves = common.leaf_choices()
    return render(
        request, "hot/theme_new.html", region="#r-theme", status=status, form=form, one=one, grades=themes.GRADES,
        units=common.unit_choices(), leaves=leaves, areas=common.area_choices(form.typed.get("areas", [])),
        matters={**common.group_choices(), **{code: leaves[code] for code in chosen if code in leaves}},
        tabs=common.tabs("themes"), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _plan(good: asks.Plan) -> themes.Plan:
    return themes.Plan(
        title=good.title, why=good.why, grade=good.grade, unit=good.unit, matters=good.codes, areas=good.areas,
        since=good.since, until=good.until,
    )  # fmt: skip


@post("/hot/themes/new", opt={"needs": EDIT}, status_code=200)
async def make(request: AnyRequest, actor: Who) -> Response[str]:
    """立题, and the unit that leads is told."""
    form = await forms.read(request, asks.Plan)

    async def do(w: Work, good: asks.Plan) -> themes.Theme:
        one = await themes.make(w, _plan(good), issue=good.issue)
        await reminders_hot.due(w, what="theme_new", key=f"theme_new:{one.id}", unit=one.unit, number=one.number,
                                words=one.title, due=w.now)  # fmt: skip
        return one

    status, one = await worked(actor, form, do)
    if one is None:
        return _new(request, form, status)
    said = Say(f"{one.number} 已立题，接着定办理步骤。", f"{one.number} is set; now its steps.")
    return see_other(request, f"/hot/themes/{one.id}?act=step", flash=said)


@get("/hot/themes/{theme_id:uuid}/change", opt={"needs": EDIT})
async def change_form(request: AnyRequest, theme_id: FromPath[UUID]) -> Response[str]:
    """The form with what stands."""
    async with db.reading() as connection:
        one = await themes.found(connection, theme_id)
    names = ("title", "why", "grade", "unit", "matters", "areas", "since", "until", "revision")
    return _new(request, forms.blank(asks.Plan, {name: getattr(one, name) for name in names}), one=one)


@post("/hot/themes/{theme_id:uuid}/change", opt={"needs": EDIT}, status_code=200)
async def change(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """Write it anew."""
    form = await forms.read(request, asks.Plan)
    async with db.reading() as connection:
        one = await themes.found(connection, theme_id)

    async def do(w: Work, good: asks.Plan) -> themes.Theme:
        return await themes.change(w, theme_id, _plan(good), good.revision)

    status, now = await worked(actor, form, do)
    if now is None:
        return _new(request, form, status, one)
    said = Say("已改好，诉求按新范围归集。", "Changed; its cases follow.")
    if one.published_at is not None and now.published_at is None:
        said = Say("已改好；公开页已收回，由另一人审核后再公开。", "Changed; not public until somebody else passed it.")
    return see_other(request, f"/hot/themes/{theme_id}", flash=said)


@get("/hot/themes/{theme_id:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, theme_id: FromPath[UUID]) -> Response[str]:
    """One theme."""
    return await shown(request, actor, theme_id)


async def shown(
    request: AnyRequest, actor: Actor, theme_id: UUID, *, name: str = "", form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of a theme for the centre and for the units in its plan, with a form that came back."""
    async with db.reading() as connection:
        one = await themes.found(connection, theme_id)
        steps = await theme_steps.steps(connection, theme_id)
        units = [one.unit, *(step.unit for step in steps)]
        if not (common.sees(actor) or themes.is_handled_by(actor, units)):
            raise not_found()
        entries = await theme_steps.progress(connection, theme_id)
        sums = await theme_cases.sums(connection, theme_id)
        months = await theme_cases.by_month(connection, one.matters, one.areas)
        cases, total = await theme_cases.listed(connection, actor, theme_id)
        proof = await files.of(connection, "theme", [theme_id])
    offered = _offered(actor, one, units)
    act = name or request.query_params.get("act", "")
    act = act if act in offered or status != 200 else ""
    start = {"step": request.query_params.get("step", "")} if act == "done" else {
        "answer": one.answer, "sources": one.answer_sources} if act == "answer" else {}  # fmt: skip
    people = [one.made_by, one.published_by, one.answer_by, one.approved_by, one.closed_by, *(e.by for e in entries)]
    mine = [step for step in steps if step.done_at is None and themes.is_handled_by(actor, [step.unit, one.unit])]
    return render(
        request, "hot/theme.html", region="#r-theme", status=status, one=one, steps=steps, entries=entries, sums=sums,
        months=months, bars=picture.bars([n for _, n in months], 280, 80), cases=cases, total=total, proof=proof,
        act=act, offered=offered, form=form or (forms.blank(FORMS[act], start) if act in FORMS else None),
        states=themes.STATES, grades=themes.GRADES, unit_name=split.unit_name, matters=common.matters,
        places=common.places, names=await common.names(people), title_of=split.title_of, case_states=CASE_STATES,
        units=common.unit_choices() if act == "step" else {}, at=clock.now(), is_centre=common.sees(actor),
        mine={str(step.id): Say(f"{step.no}. {step.what}", f"{step.no}. {step.what}") for step in mine},
        may_edit=may(actor, EDIT), tabs=common.tabs("themes"), area_name=areas.area_name,
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


def _offered(actor: Actor, one: themes.Theme, units: list[str]) -> list[str]:
    """The acts that are possible for this person now, in the order of their buttons."""
    if one.state != "open":
        is_new = one.published_at is not None and one.closing_passed_by is None and one.closed_by != actor.id
        return ["ended"] if is_new and may(actor, EDIT) else []
    found = []
    if themes.is_handled_by(actor, units):
        found += ["report", "done"]
    if may(actor, EDIT):
        found += ["step", "case", "show"]
        if one.published_at is None and one.made_by != actor.id:
            found.append("publish")
        if one.approved_at is None:
            found.append("answer")
            if one.answer and one.answer_by != actor.id:
                found.append("approve")
        found += ["close", "drop"]
    return found


ROUTES = [listed, blank, make, change_form, change, show]
