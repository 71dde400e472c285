"""Inspection plans: the list, a new one, one with its samples, tests and findings, its end, its print."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.permissions import may
from hotline.work import Work
from sla import findings, inspections, samples
from web import forms
from web import worklists as split
from web.access import Who
from web.cases_access import opened_for
from web.forms import Form
from web.inspections import asks, common
from web.inspections.common import CHECK, PLAN, AnyRequest
from web.render import render, see_other
from web.trying import worked

FORMS: dict[str, type[Any]] = {"script": asks.Script, "result": asks.Result, "note": asks.Note, "end": asks.End}
"""The forms of a plan's page: one stands open at a time, as the address says."""


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@get("/inspections/plans", opt={"needs": CHECK})
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """All plans, running ones first."""
    async with db.reading() as connection:
        rows = await inspections.listed(connection)
    return render(
        request, "inspections/plans.html", rows=rows, methods=inspections.METHODS, unit_name=split.unit_name,
        tabs=common.tabs(actor, "plans"), may_plan=may(actor, PLAN), today=clock.today(),
    )  # fmt: skip


@get("/inspections/plans/new", opt={"needs": PLAN})
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form for a plan."""
    today = clock.today()
    start = {"starts": today, "ends": today + timedelta(days=30), "method": "cases"}
    return await _new(request, actor, forms.blank(asks.Plan, start))


async def _new(request: AnyRequest, actor: Actor, form: Form[asks.Plan], status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        people = await inspections.inspectors_of(connection)
    return render(
        request, "inspections/plan_new.html", region="#r-plan", status=status, form=form,
        methods=inspections.METHODS, units=common.unit_choices(), tabs=common.tabs(actor, "plans"),
        people={str(key): Say(f"{name} · {split.unit_name(unit).zh}", f"{name} · {split.unit_name(unit).en}")
                for key, (name, unit) in people.items()},
        focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/inspections/plans/new", opt={"needs": PLAN}, status_code=200)
async def plan(request: AnyRequest, actor: Who) -> Response[str]:
    """制定督查计划."""
    form = await forms.read(request, asks.Plan)

    async def do(w: Work, good: asks.Plan) -> inspections.Plan:
        return await inspections.plan(
            w, method=good.method, purpose=good.purpose, starts=good.starts, ends=good.ends, units=good.units,
            inspectors=good.inspectors,
        )  # fmt: skip

    status, made = await worked(actor, form, do)
    if made is None:
        return await _new(request, actor, form, status)
    return see_other(request, f"/inspections/plans/{made.id}", flash=Say(f"{made.number} 已制定。", "Planned."))


@get("/inspections/plans/{plan_id:uuid}", opt={"needs": CHECK})
async def show(request: AnyRequest, actor: Who, plan_id: FromPath[UUID]) -> Response[str]:
    """One plan with everything that came of it."""
    return await shown(request, actor, plan_id)


async def shown(
    request: AnyRequest, actor: Actor, plan_id: UUID, *, name: str = "", form: Form[Any] | None = None,
    test: UUID | None = None, status: int = 200, template: str = "inspections/plan.html",
) -> Response[str]:  # fmt: skip
    """The plan's page, with a form that came back."""
    async with db.reading() as connection:
        one = await inspections.found(connection, plan_id)
        drawn = await samples.listed(connection, inspection=plan_id)
        tests = await inspections.tests(connection, plan_id)
        made = await findings.listed(connection, actor, size=500, inspection_id=plan_id)
        cases = {row["id"]: row["number"] for row in await connection.fetch(
            "SELECT id, number FROM cases WHERE id = ANY($1)",
            list({one for one in [*(t.case_id for t in tests), *(f.case_id for f in made)] if one is not None}),
        )}  # fmt: skip
    act = name or request.query_params.get("act", "")
    act = act if act in FORMS else ""
    chosen = test or _as_id(request.query_params.get("test", ""))
    start = {"test": chosen or ""} if act == "note" else {}
    people = [*one.inspectors, one.planned_by, one.ended_by, *(t.tester for t in tests), *(f.person for f in made)]
    return render(
        request, template, region="#r-plan", status=status, one=one, drawn=drawn, testing=tests, made=made, act=act,
        form=form or (forms.blank(FORMS[act], start) if act else None), cases=cases,
        chosen=next((one for one in tests if one.id == chosen), None),
        names=await common.names(people), methods=inspections.METHODS,
        ways=inspections.WAYS, verdicts=inspections.VERDICTS, states=findings.STATES, tabs=common.tabs(actor, "plans"),
        unit_name=split.unit_name, units={code: split.unit_name(code) for code in one.units},
        whats=findings.KINDS_OF["mystery" if one.method == "mystery" else "site"], at=clock.now(),
        is_inspector=one.ended_at is None and (actor.id in one.inspectors or may(actor, PLAN)),
        may_draw=one.ended_at is None and may(actor, PLAN), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@get("/inspections/plans/{plan_id:uuid}/print", opt={"needs": CHECK})
async def as_print(request: AnyRequest, actor: Who, plan_id: FromPath[UUID]) -> Response[str]:
    """The plan as a paper: purpose, period, what was done and found."""
    return await shown(request, actor, plan_id, template="inspections/plan_print.html")


@post("/inspections/plans/{plan_id:uuid}/findings", opt={"needs": CHECK}, status_code=200)
async def note(request: AnyRequest, actor: Who, plan_id: FromPath[UUID]) -> Response[str]:
    """A finding of the plan against one of its units, on a case when there is one."""
    form = await forms.read(request, asks.Note)

    async def do(w: Work, good: asks.Note) -> object:
        one = await inspections.open_for(w, plan_id)
        if good.unit not in one.units:
            raise invalid({"unit": Say("请从这次督查的单位里选。", "Choose one of the plan's units.")})
        if good.test is not None and good.test not in {t.id for t in await inspections.tests(w.connection, plan_id)}:
            raise invalid({"test": Say("请从这次的测试里选。", "Choose one of the plan's tests.")})
        file = await opened_for(w, good.case.strip()) if good.case.strip() else None
        return await findings.make(
            w, source="mystery" if one.method == "mystery" else "site", what=good.what, words=good.words,
            unit=good.unit, file=file, inspection=one.id, test=good.test,
        )  # fmt: skip

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, plan_id, name="note", form=form, status=status)
    return see_other(request, f"/inspections/plans/{plan_id}", flash=Say("已记下问题。", "The finding is recorded."))


@post("/inspections/plans/{plan_id:uuid}/end", opt={"needs": CHECK}, status_code=200)
async def end(request: AnyRequest, actor: Who, plan_id: FromPath[UUID]) -> Response[str]:
    """结束督查."""
    form = await forms.read(request, asks.End)

    async def do(w: Work, good: asks.End) -> object:
        return await inspections.end(w, plan_id, summary=good.summary)

    status, _ = await worked(actor, form, do)
    if status != 200:
        return await shown(request, actor, plan_id, name="end", form=form, status=status)
    return see_other(request, f"/inspections/plans/{plan_id}", flash=Say("督查结束。", "The inspection has ended."))


ROUTES = [listed, blank, plan, show, as_print, note, end]
