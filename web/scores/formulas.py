"""Formulas: the list, one with its versions, and the form that changes it, with what would come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say
from hotline.permissions import may
from hotline.work import work
from sla import (
    scores,
    scores_check,
    scores_formulas,
    scores_live,
    scores_period,
    scores_presets,
    scores_sheet,
    scores_words,
)
from sla.measures import MEASURES
from sla.scores_formula import Formula
from sla.scores_period import Period
from web import fields
from web.access import Who
from web.render import render, see_other
from web.scores import common, formula_form
from web.scores.common import NEEDS, AnyRequest
from web.scores.formula_form import Filled

WAYS: dict[str, Say] = {
    "share": Say("按比例折分", "share of the weight"),
    "slope": Say("低于目标每点扣分", "points off below a target"),
    "off": Say("扣分项", "points off"),
    "bonus": Say("加分项", "points on"),
}
BETTER: dict[str, Say] = {"high": Say("高好", "high is good"), "low": Say("低好", "low is good")}
FIGURES: dict[str, Say] = {"percent": Say("百分比", "per cent"), "count": Say("数量", "count")}
MISSING: dict[str, Say] = {
    "reweigh": Say("不计，其余折算", "left out, the rest scaled"),
    "apart": Say("单列不排名", "listed apart"),
    "full": Say("计满分", "full marks"),
    "zero": Say("计最低分", "the fewest"),
}
YEARS: dict[str, Say] = {"mean": Say("各期平均", "mean of the periods"), "sum": Say("各期相加", "sum of the periods")}
CYCLES: dict[str, Say] = {"month": Say("每月", "monthly"), "quarter": Say("每季", "quarterly")}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a formula would change for one unit."""

    name: Say
    before: str | None
    after: str | None
    rank_before: int | None
    rank_after: int | None


@get("/scores/formulas", opt=NEEDS)
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """Every formula there is, and the version in force."""
    period = scores_period.of(clock.today(), "month")
    async with db.reading() as connection:
        rows = [await scores_formulas.in_force(connection, name, period) for name in scores_presets.names()]
    return render(request, "scores/formulas.html", rows=rows, tabs=common.tabs(actor, "formulas"),
                  own=scores_presets.OWN)  # fmt: skip


@get("/scores/formulas/{preset:str}", opt=NEEDS)
async def show(request: AnyRequest, actor: Who, preset: FromPath[str]) -> Response[str]:
    """A formula with its versions and, for who may, the form."""
    return await shown(request, actor, common.known_preset(preset))


async def shown(
    request: AnyRequest, actor: Actor, preset: str, *, form: Filled | None = None,
    changes: Sequence[Change] | None = None, period: Period | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of a formula; ``form`` is what came back, ``changes`` what it would do to the units of ``period``."""
    async with db.reading() as connection:
        versions = await scores_formulas.history(connection, preset)
    chosen = request.query_params.get("version", "")
    one = next((v for v in versions if str(v.version) == chosen), versions[0])
    names = await people.names({v.made_by for v in versions if v.made_by is not None})
    return render(
        request, "scores/formula.html", region="#r-formula", status=status, one=one, versions=versions, names=names,
        tabs=common.tabs(actor, "formulas"), rule=scores_words.formula, may_edit=may(actor, "score.edit"),
        form=form or formula_form.of(one.formula, _next_month()), changes=changes, ways=WAYS, better=BETTER,
        figures=FIGURES, missing=MISSING, years=YEARS, cycles=CYCLES, spare=formula_form.SPARE, preset=preset,
        measures={**scores_check.OWN_FIGURES, **{code: m.name for code, m in MEASURES.items()}}, period=period,
        focus="#r-errors" if form is not None and form.errors else "", is_editing=form is not None,
    )  # fmt: skip


def _next_month() -> date:
    return (clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)


@post("/scores/formulas/{preset:str}", opt={"needs": "score.edit"}, status_code=200)
async def change(request: AnyRequest, actor: Who, preset: FromPath[str]) -> Response[str]:
    """Preview, or a new version from a month on."""
    name = common.known_preset(preset)
    posted = await fields.posted(request)
    async with db.reading() as connection:
        before = (await scores_formulas.history(connection, name))[0].formula
    form = formula_form.read(before, posted)
    if posted.get("do", [""])[-1] != "save" or not form.is_good or form.formula is None or form.begins is None:
        changes, period = await _preview(name, form)
        return await shown(request, actor, name, form=form, changes=changes, period=period,
                           status=422 if form.errors else 200)
    try:
        async with work(actor) as w:
            made = await scores_formulas.replace(w, form.formula, begins=form.begins, note=form.note)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.errors |= refusal.fields or {"": refusal.say}
        return await shown(request, actor, name, form=form, status=refusal.status)
    said = Say(f"已存为第 {made.version} 版，自 {form.begins:%Y-%m} 起用。",
               f"Kept as version {made.version}, in force from {form.begins:%Y-%m}.")
    return see_other(request, f"/scores/formulas/{name}", flash=said)


async def _preview(preset: str, form: Filled) -> tuple[list[Change] | None, Period | None]:
    """This month by the formula in force and by the one in the form."""
    if form.formula is None or form.errors.keys() - {"begins", "note"}:
        return None, None
    period = scores_period.of(clock.today(), "month")
    async with db.reading() as connection:
        now = await scores_formulas.in_force(connection, preset, period)
        entries = await scores_live.entries(connection, form.formula, period)
        old = scores_sheet.made(preset, period, now.version, now.formula,
                                entries=await scores_live.entries(connection, now.formula, period))
    return _changes(old.rows, scores.scored(form.formula, entries)), period


def _changes(before: Sequence[scores.Row], after: Sequence[scores.Row]) -> list[Change]:
    was = {one.unit: one for one in before}
    found = []
    for row in after:
        old = was.get(row.unit)
        if row.total is not None or (old is not None and old.total is not None):
            found.append(Change(
                name=row.name, before=old.total if old else None, after=row.total,
                rank_before=old.rank if old else None, rank_after=row.rank,
            ))  # fmt: skip
    return found


def words_of(formula: Formula) -> list[tuple[Say, Say]]:
    """Each item's name and rule, as a table beside scores has it."""
    return [(one.name, scores_words.formula(one)) for one in formula.items]


ROUTES: list[Any] = [listed, show, change]
