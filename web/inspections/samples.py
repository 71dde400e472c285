"""Samples: the list of all draws, a new one, one with its results, the proof that it can be drawn again."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from cases.states import GRADES
from hotline import city, clock, db
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from hotline.work import Work
from sla import inspections, rechecks, samples, sampling
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.inspections import asks, common
from web.inspections.common import CHECK, PLAN, AnyRequest
from web.render import render, see_other
from web.trying import worked

_CALLERS = """
    SELECT DISTINCT p.id, p.name FROM person p JOIN role_grant g ON g.person_id = p.id
    WHERE g.role IN ('callback', 'auditor', 'coordination') AND p.is_active ORDER BY p.name
"""


@get("/inspections", opt={"needs": CHECK})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Every draw, also those that nobody went on with, the last first."""
    async with db.reading() as connection:
        rows = await samples.listed(connection)
    return render(
        request, "inspections/index.html", rows=rows, kinds=samples.KINDS, tabs=common.tabs(actor, "samples"),
        names=await common.names(one.drawn_by for one, _ in rows), may_draw=may(actor, PLAN),
    )  # fmt: skip


@get("/inspections/samples/new", opt={"needs": PLAN})
async def blank(request: AnyRequest, actor: Who) -> Response[str]:
    """The form; ``kind`` and ``plan`` of the address are kept."""
    query, today = request.query_params, clock.today()
    kind = "cases" if query.get("kind") == "cases" else "visits"
    start: dict[str, object] = {
        "kind": kind, "since": today.replace(day=1), "until": today, "wanted": "share", "amount": "5",
        "strata": "caller" if kind == "visits" else "unit", "plan": query.get("plan", "")[:36],
    }  # fmt: skip
    return await _new(request, actor, forms.blank(asks.Draw, start))


async def _new(request: AnyRequest, actor: Actor, form: Form[asks.Draw], status: int = 200) -> Response[str]:
    async with db.reading() as connection:
        callers = {str(row["id"]): row["name"] for row in await connection.fetch(_CALLERS)}
    return render(
        request, "inspections/draw.html", region="#r-draw", status=status, form=form, callers=callers,
        kinds=samples.KINDS, strata=samples.STRATA, wanted=samples.WANTED, outcomes=samples.OUTCOMES,
        units=common.unit_choices(), tabs=common.tabs(actor, "samples"), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


@post("/inspections/samples/new", opt={"needs": PLAN}, status_code=200)
async def draw(request: AnyRequest, actor: Who) -> Response[str]:
    """Fix the frame, make the seed, draw."""
    form = await forms.read(request, asks.Draw)

    async def do(w: Work, good: asks.Draw) -> samples.Sample:
        units: tuple[str, ...] = ()
        if good.plan is not None:
            units = (await inspections.open_for(w, good.plan)).units
        criteria = samples.Criteria(
            since=good.since, until=good.until, caller=str(good.caller or ""), unit=good.unit, matter=good.matter,
            outcome=good.outcome if good.outcome in samples.OUTCOMES else "", units=units,
        )  # fmt: skip
        wanted = sampling.Wanted(good.wanted, good.amount)
        return await samples.draw(
            w, kind=good.kind, criteria=criteria, wanted=wanted, strata=good.strata, inspection=good.plan
        )

    status, made = await worked(actor, form, do)
    return see_other(request, f"/inspections/samples/{made.id}") if made else await _new(request, actor, form, status)


@get("/inspections/samples/{sample:uuid}", opt={"needs": CHECK})
async def show(request: AnyRequest, actor: Who, sample: FromPath[UUID]) -> Response[str]:
    """One sample: what it is of, how it was drawn, its items, and the results of those re-checked."""
    async with db.reading() as connection:
        one = await samples.found(connection, sample)
        items = await rechecks.items(connection, sample)
        done = await rechecks.of_sample(connection, sample)
        plan = await inspections.found(connection, one.inspection_id) if one.inspection_id else None
    people = {*(row.checker for row in items), one.drawn_by, *callers_of(done)}
    return render(
        request, "inspections/sample.html", one=one, items=items, kinds=samples.KINDS, strata=samples.STRATA,
        described=await described(one, is_done=is_done(items)), plan=plan,
        tabs=common.tabs(actor, "samples"), names=await common.names(people),
        total=rechecks.figure(done), groups=rechecks.by(done, "caller" if one.kind == "visits" else "unit"),
        questions=rechecks.QUESTIONS, name_of=_named(await common.names(callers_of(done))), grades=GRADES,
        unit_name=split.unit_name, seals=one.root_no,
    )  # fmt: skip


def callers_of(rows: list[rechecks.Recheck]) -> set[UUID]:
    """Whose visits were re-checked."""
    return {row.caller for row in rows if row.caller is not None}


def _named(names: dict[UUID, str]) -> Any:
    known = {str(key): name for key, name in names.items()}
    return lambda key: known.get(key) or split.unit_name(key)


@get("/inspections/samples/{sample:uuid}/redraw", opt={"needs": CHECK})
async def redraw(request: AnyRequest, actor: Who, sample: FromPath[UUID]) -> Response[str]:
    """The sample drawn again from its own record, step by step."""
    async with db.reading() as connection:
        one = await samples.found(connection, sample)
        proof = await samples.redraw(connection, actor, one)
        items = await rechecks.items(connection, sample)
    return render(
        request, "inspections/redraw.html", one=one, proof=proof, tabs=common.tabs(actor, "samples"),
        described=await described(one, is_done=is_done(items)), kinds=samples.KINDS, strata=samples.STRATA,
    )  # fmt: skip


@get("/inspections/samples/{sample:uuid}/frame.csv", opt={"needs": CHECK})
async def frame(sample: FromPath[UUID]) -> Response[bytes]:
    """The frame in its order, with each item's stratum, rank and whether it was drawn: ids only."""
    async with db.reading() as connection:
        one = await samples.found(connection, sample)
        rows = await samples.frame_of(connection, sample)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["position", "item", "stratum", "rank", "drawn"])
    for n, (item, is_drawn) in enumerate(rows, 1):
        writer.writerow([n, item.item, item.stratum, sampling.rank(one.seed, str(item.item)), int(is_drawn)])
    headers = {"Content-Disposition": f'attachment; filename="sample-{one.id}.csv"', "Cache-Control": "no-store"}
    return Response(out.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


async def described(one: samples.Sample, *, is_done: bool) -> list[Say]:
    """What narrows the sample, in words.

    That it was drawn by what had been recorded is told once all is re-checked: until then it would tell the answer.
    """
    given, found = one.criteria, []
    if given.caller:
        name = (await common.names([UUID(given.caller)])).get(UUID(given.caller), given.caller)
        found.append(Say(name, name))
    found += [split.unit_name(code) for code in (given.units or ((given.unit,) if given.unit else ()))]
    if given.matter:
        matter = city.current().matter(given.matter)
        found.append(matter.name if matter else Say(f"事项 {given.matter}", f"matter {given.matter}"))
    if given.outcome:
        hidden = Say("按原来的结果限定（全部复核后显示）", "narrowed by what was recorded (shown once all is done)")
        found.append(samples.OUTCOMES[given.outcome] if is_done else hidden)
    return found


def is_done(items: list[rechecks.Item]) -> bool:
    """Whether nobody has to be blind any more."""
    return all(one.is_done for one in items)


ROUTES = [index, blank, draw, show, redraw, frame]
