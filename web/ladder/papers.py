"""Bulletins, interviews and accountability records: their lists, a new one, one with its steps, its print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases.wording_ladder import PAPER_STEPS
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import SIGNED_IN, may
from hotline.work import Work
from sla import ladder_lists, ladder_papers, ladder_rules, ladder_steps
from sla.ladder_lists import Seen
from web import filters, forms
from web.access import Who
from web.cases_access import opened_for
from web.forms import Form
from web.ladder.asks import NewPaper
from web.ladder.paper_acts import OUTCOMES, acts_of
from web.ladder.shared import HOLDS, MEASURES, AnyRequest, bodies, common, done, offered
from web.render import render

FILTERS = {"open": Say("未了结", "Open"), "over": Say("已了结", "Over"), **ladder_papers.STATES}


@get("/ladder/{measure:str}", opt={"needs": SIGNED_IN})
async def index(request: AnyRequest, actor: Who, measure: FromPath[str]) -> Response[str]:
    """The papers of one kind; filters ``state`` and ``unit``. A unit's heads see what took effect over their own."""
    if measure not in MEASURES:
        raise not_found()
    named = {code: one.name for code, one in city.current().units.items()}
    f = filters.parse(
        f"/ladder/{measure}",
        request.query_params,
        [
            filters.Choice(key="state", say=Say("状态", "State"), options=FILTERS),
            filters.Choice(key="unit", say=Say("单位", "Unit"), options=named),
        ],
    )
    async with db.reading() as connection:
        rows = await ladder_lists.papers(connection, actor, measure=measure, state=f.get("state"), unit=f.get("unit"))
    return render(
        request,
        "ladder/papers.html",
        region="#r-list",
        measure=measure,
        rows=rows,
        filters=f,
        offered=FILTERS,
        states=ladder_papers.STATES,
        at=clock.now(),
        **common(actor, f"/ladder/{measure}"),
    )


@get("/ladder/new/{measure:str}", opt={"needs": HOLDS})
async def new(request: AnyRequest, actor: Who, measure: FromPath[str]) -> Response[str]:
    """The form of a new paper; ``case`` and ``unit`` come along from where it was asked for."""
    start = {name: request.query_params.get(name, "")[:40] for name in ("case", "unit", "rule")}
    return await _new(request, actor, measure, forms.blank(NewPaper, start))


async def _new(
    request: AnyRequest, actor: Actor, measure: str, form: Form[NewPaper], status: int = 200
) -> Response[str]:
    if measure not in MEASURES:
        raise not_found()
    async with db.reading() as connection:
        every = await ladder_rules.in_force(connection)
    by_hand = {c: r for c, r in every.items() if r.measure == measure and r.issued_by != "system" and r.is_on}
    return render(
        request,
        "ladder/new.html",
        region="#r-new",
        status=status,
        measure=measure,
        form=form,
        units=offered(),
        rules={
            code: Say(
                f"{ladder_rules.TRIGGERS[one.trigger].zh}：{one.ground_zh}",
                f"{ladder_rules.TRIGGERS[one.trigger].en}: {one.ground_en}",
            )
            for code, one in by_hand.items()
        },
        **common(actor, f"/ladder/{measure}"),
    )


@post("/ladder/new/{measure:str}", opt={"needs": HOLDS}, status_code=200)
async def create(request: AnyRequest, actor: Who, measure: FromPath[str]) -> Response[str]:
    """Draft it: it takes effect by a step of its own."""
    form = await forms.read(request, NewPaper)

    async def do(w: Work, given: NewPaper) -> object:
        file = await opened_for(w, given.case.strip()) if given.case.strip() else None
        return await ladder_steps.new(
            w,
            file,
            measure=measure,
            code=given.rule,
            unit=given.unit,
            ground=given.ground,
            words=given.words,
            person=given.person,
            post=given.post,
        )

    return await done(
        request,
        actor,
        form,
        do,
        to=f"/ladder/{measure}?state=draft",
        said=Say("已拟出，等决定。", "Drafted; to be decided."),
        again=lambda status: _new(request, actor, measure, form, status),
    )


@get("/ladder/papers/{paper:uuid}", opt={"needs": SIGNED_IN})
async def show(request: AnyRequest, actor: Who, paper: FromPath[UUID]) -> Response[str]:
    """One paper with its steps and what may be done next."""
    return await shown(request, actor, paper)


@get("/ladder/papers/{paper:uuid}/print", opt={"needs": SIGNED_IN})
async def printed(request: AnyRequest, actor: Who, paper: FromPath[UUID]) -> Response[str]:
    """The paper as a document."""
    return await shown(request, actor, paper, template="ladder/paper_print.html")


async def shown(
    request: AnyRequest,
    actor: Actor,
    paper: UUID,
    *,
    status: int = 200,
    template: str = "ladder/paper.html",
    act: str = "",
    form: Form[Any] | None = None,
) -> Response[str]:
    """The page of a paper; ``form`` is that of the step ``act`` as it was typed."""
    async with db.reading() as connection:
        seen = await ladder_lists.paper_of(connection, actor, paper)
        steps = await ladder_lists.steps(connection, paper)
    row = seen.row
    names = await people.names({one.by for one in steps})
    acts = acts_of(row, actor)
    return render(
        request,
        template,
        region="#r-paper",
        status=status,
        seen=seen,
        row=row,
        steps=steps,
        names=names,
        acts=acts,
        forms={
            one.code: form
            if form is not None and one.code == act
            else forms.blank(one.form, one.start(row, person_of(seen)))
            for one in acts
        },
        form=form,
        paper_steps=PAPER_STEPS,
        person=person_of(seen),
        states=ladder_papers.STATES,
        outcomes=OUTCOMES,
        at=clock.now(),
        bodies=dict(bodies()),
        may_expose=may(actor, "notice.draft"),
        may_see_case=may(actor, "case.read"),
        cited=Say(row.cited_zh, row.cited_en),
        **common(actor, f"/ladder/{row.measure}"),
    )


def person_of(seen: Seen) -> str:
    """Who a personal paper is about; whoever may see the paper may know."""
    return ladder_papers.person_of(seen.row)


ROUTES = [new, create, show, printed, index]
