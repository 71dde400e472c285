"""Appeals against scores: the unit's, on one item; the list; the decision by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from channels import reminders
from hotline import clock, db, people
from hotline.actor import Actor
from hotline.errors import Say, not_found
from hotline.permissions import may
from hotline.work import Work
from sla import scores_appeals, scores_frozen
from sla.scores_appeals import Appeal
from sla.scores_exact import plain
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.render import render, see_other
from web.scores import asks, common
from web.scores import units as unit_pages
from web.scores.common import NEEDS, AnyRequest
from web.trying import worked

OUTCOMES = {
    "upheld": Say("成立，加回分数", "Upheld: points go back"),
    "refused": Say("不成立，维持", "Refused: it stands"),
}


@post("/scores/{preset:str}/{period:str}/{unit:str}/{item:str}/appeal", opt=NEEDS, status_code=200)
async def ask(
    request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str], unit: FromPath[str],
    item: FromPath[str],
) -> Response[str]:  # fmt: skip
    """申诉."""
    form = await forms.read(request, asks.Appeal)

    async def do(w: Work, given: asks.Appeal) -> Appeal:
        return await scores_appeals.ask(w, preset, period, unit=unit, item=item, ground=given.ground)

    status, made = await worked(actor, form, do)
    if made is None:
        where = (common.known_preset(preset), common.known_period(period), unit, item)
        return await unit_pages.shown(request, actor, where, form=form, status=status)
    return see_other(request, f"/scores/appeals/{made.id}", flash=Say("已申诉，由另一位同事裁定。",
                                                                      "Appealed; somebody else decides."))


@get("/scores/appeals", opt=NEEDS)
async def listed(request: AnyRequest, actor: Who) -> Response[str]:
    """What waits first; a unit reads its own."""
    units = None if common.is_centre(actor) else (common.own_unit(actor), *actor.units)
    async with db.reading() as connection:
        rows = await scores_appeals.listed(connection, units=units)
        items = await _items(connection, rows)
    return render(
        request, "scores/appeals.html", rows=rows, items=items, unit_name=split.unit_name,
        tabs=common.tabs(actor, "appeals"), period_of=scores_frozen.period_of,
    )  # fmt: skip


async def _items(connection: db.Connection, rows: list[Appeal]) -> dict[UUID, Say]:
    """What the appealed items are called, by appeal."""
    names: dict[UUID, Say] = {}
    sheets = {(one.preset, one.period) for one in rows}
    known = {key: await scores_frozen.frozen(connection, *key) for key in sheets}
    for one in rows:
        sheet = known[one.preset, one.period]
        item = sheet.formula.item(one.item) if sheet else None
        names[one.id] = item.name if item else Say(one.item, one.item)
    return names


@get("/scores/appeals/{appeal:uuid}", opt=NEEDS)
async def show(request: AnyRequest, actor: Who, appeal: FromPath[UUID]) -> Response[str]:
    """One appeal, what it is about, and its decision."""
    return await _shown(request, actor, appeal)


async def _shown(
    request: AnyRequest, actor: Actor, appeal: UUID, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    async with db.reading() as connection:
        one = await scores_appeals.one(connection, appeal)
        if not common.is_centre(actor) and one.unit not in (common.own_unit(actor), *actor.units):
            raise not_found()
        kept = await scores_frozen.revisions(connection, one.preset, one.period)
    before = next((s for s in reversed(kept) if s.frozen_at and s.frozen_at <= one.asked_at), kept[0])
    row = (before if one.decided_at else kept[-1]).row(one.unit)
    line = row.item(one.item) if row else None
    after = next((s for s in kept if s.reason and s.frozen_at == one.decided_at), None)
    names = await people.names({who for who in (one.asked_by, one.decided_by) if who is not None})
    decides = (
        may(actor, "score.freeze") and one.decided_at is None and actor.id not in (one.frozen_by, one.asked_by)
        and not scores_appeals.is_concerned(actor, one.unit)
    )  # fmt: skip
    return render(
        request, "scores/appeal.html", region="#r-appeal", status=status, one=one, row=row, line=line, names=names,
        tabs=common.tabs(actor, "appeals"), decides=decides, outcomes=OUTCOMES, unit_name=split.unit_name,
        sheet_path=common.path, period=scores_frozen.period_of(one.period), after=after, now_at=clock.now(),
        form=form or forms.blank(asks.Decision), focus="#r-errors" if status != 200 else "",
        lost=plain(scores_appeals.lost(kept[-1].formula, line)) if line else "0", item=before.formula.item(one.item),
        is_own=may(actor, "score.freeze") and one.decided_at is None and not decides,
    )  # fmt: skip


@post("/scores/appeals/{appeal:uuid}", opt={"needs": "score.freeze"}, status_code=200)
async def decide(request: AnyRequest, actor: Who, appeal: FromPath[UUID]) -> Response[str]:
    """裁定."""
    form = await forms.read(request, asks.Decision)

    async def do(w: Work, given: asks.Decision) -> bool:
        await scores_appeals.decide(w, appeal, outcome=given.outcome, points=given.points, reason=given.reason)
        one = await scores_appeals.one(w.connection, appeal)
        text = Say(f"{one.period} 考核申诉：{one.state.zh}", f"Appeal of the scores of {one.period}: {one.state.en}")
        await reminders.remind(w, unit=one.unit, kind="score_appeal_decided", case=None, text=text,
                               key=f"score_appeal_decided:{one.id}")  # fmt: skip
        return True

    status, done = await worked(actor, form, do)
    if done is None:
        return await _shown(request, actor, appeal, form=form, status=status)
    return see_other(request, f"/scores/appeals/{appeal}", flash=Say("已裁定。", "Decided."))


ROUTES = [ask, listed, show, decide]
