"""A unit's sheet, and one item of it: the arithmetic, the formula and the cases behind the figure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from cases.states_audit import EXCLUDED
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import Say, not_found
from sla import facts_cases, points, scores_appeals, scores_frozen, scores_live, scores_sheet, scores_words
from sla.measures import MEASURES
from sla.scores import Row
from sla.scores_period import Period
from sla.scores_sheet import Sheet
from web import forms
from web import worklists as split
from web.access import Who
from web.forms import Form
from web.render import render
from web.scores import asks, common
from web.scores.common import NEEDS, AnyRequest

WHY: dict[str, Say] = {**EXCLUDED, "annulled": Say("评价作废", "Rating annulled")}


@get("/scores/{preset:str}/{period:str}/{unit:str}", opt=NEEDS)
async def unit(
    request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str], unit: FromPath[str]
) -> Response[str]:
    """One unit's sheet: each item with its figure, its points and how they came about."""
    when = common.known_period(period)
    async with db.reading() as connection:
        sheet, row = await _row(connection, actor, common.known_preset(preset), when, unit)
        appeals = await scores_appeals.of_sheet(connection, preset, period, unit)
        kept = await scores_frozen.revisions(connection, preset, period)
        now = await scores_frozen.live(connection, preset, when) if sheet.is_frozen else None
    is_moved = now is not None and unit in scores_sheet.moved(sheet, now)
    return render(
        request, "scores/unit.html", sheet=sheet, row=row, period=when, preset=preset, sheet_path=common.path,
        tabs=common.tabs(actor, "sheet"), appeals={one.item: one for one in appeals},
        fresh=now.row(unit) if now is not None and is_moved else None,
        formula_words=scores_words.formula, until=scores_appeals.until(kept[0]) if kept else None,
        is_own=scores_appeals.is_of(actor, unit), now_at=clock.now(), first=kept[0] if kept else None, why=WHY,
        tier=next((one for one in sheet.formula.tiers if one.code == row.tier), None),
    )  # fmt: skip


async def _row(
    connection: db.Connection, actor: Actor, preset: str, period: Period, unit: str
) -> tuple[Sheet, Row]:
    sheet = await common.sheet_of(connection, preset, period)
    row = sheet.row(unit)
    if row is None or not common.may_see(actor, sheet, unit):
        raise not_found()
    return sheet, row


@get("/scores/{preset:str}/{period:str}/{unit:str}/{item:str}", opt=NEEDS)
async def item(
    request: AnyRequest, actor: Who, preset: FromPath[str], period: FromPath[str], unit: FromPath[str],
    item: FromPath[str],
) -> Response[str]:  # fmt: skip
    """One item of a unit: how it was counted, by what rule, and of which cases."""
    return await shown(request, actor, (common.known_preset(preset), common.known_period(period), unit, item))


Where = tuple[str, Period, str, str]
"""Preset, period, unit, item."""


async def shown(
    request: AnyRequest, actor: Actor, where: Where, *, form: Form[Any] | None = None, status: int = 200
) -> Response[str]:
    """The page of an item; ``form`` is an appeal that came back."""
    preset, period, unit, code = where
    async with db.reading() as connection:
        sheet, row = await _row(connection, actor, preset, period, unit)
        one, worked = sheet.formula.item(code), row.item(code)
        if one is None or worked is None:
            raise not_found()
        behind = await _behind(request, connection, actor, where, one.measure)
        kept = await scores_frozen.revisions(connection, preset, period.text)
        appeals = await scores_appeals.of_sheet(connection, preset, period.text, unit)
        is_as_frozen = await _is_as_frozen(connection, sheet, unit, code)
        if is_as_frozen is None and sheet.is_frozen and one.measure == "points" and not sheet.body.is_given:
            is_as_frozen = Fraction(worked.value or 0) == sum(line.points for line in behind["lines"])
    mine = next((appeal for appeal in appeals if appeal.item == code), None)
    until = scores_appeals.until(kept[0]) if kept else None
    may_appeal = (
        until is not None and clock.now() <= until and mine is None and scores_appeals.is_of(actor, unit)
        and scores_appeals.lost(sheet.formula, worked) > 0
    )  # fmt: skip
    return render(
        request, "scores/item.html", region="#r-item", status=status, sheet=sheet, row=row, item=one, worked=worked,
        period=period, preset=preset, sheet_path=common.path, tabs=common.tabs(actor, "sheet"), why=WHY, appeal=mine,
        measure=MEASURES.get(one.measure), rule=scores_words.formula(one), may_appeal=may_appeal, until=until,
        form=form or forms.blank(asks.Appeal), focus="#r-errors" if status != 200 else "", title_of=split.title_of,
        unit_name=split.unit_name, is_as_frozen=is_as_frozen, **behind,
    )  # fmt: skip


async def _behind(
    request: AnyRequest, connection: db.Connection, actor: Actor, where: Where, measure: str
) -> dict[str, Any]:
    """The cases that were counted, those put aside, and the lines of the points."""
    _, period, unit, _ = where
    nothing = facts_cases.Found(cases=[], hidden=0, next=None)
    found: dict[str, Any] = {"counted": nothing, "aside": nothing, "lines": [], "older": "", "good": None}
    houses = common.houses(unit)
    if measure == "points":
        found["lines"] = await points.lines(connection, actor, houses, period.first, period.end)
    elif measure in MEASURES:
        side = {"yes": True, "no": False}.get(request.query_params.get("good", ""))
        span = (connection, actor, measure, period.first, period.end)
        counted = await facts_cases.cases(
            *span, units=houses, good=side, after=asks.after(request.query_params.get("after", ""))
        )
        found |= {"counted": counted, "good": side, "older": _older(request, counted)}
        found["aside"] = await facts_cases.cases(*span, units=houses, put_aside=True)
    return found


def _older(request: AnyRequest, counted: facts_cases.Found) -> str:
    if counted.next is None:
        return ""
    good = request.query_params.get("good", "")
    side = f"&good={good}" if good in ("yes", "no") else ""
    return f"{request.url.path}?after={counted.next[0]}~{counted.next[1]}{side}"


async def _is_as_frozen(connection: db.Connection, sheet: Sheet, unit: str, code: str) -> bool | None:
    """Whether today's cases behind a frozen figure are still those that were frozen; None where there is none."""
    entry = next((one for one in sheet.body.entries if one.unit == unit), None)
    given = entry.given.get(code) if entry else None
    one = sheet.formula.item(code)
    if not sheet.is_frozen or sheet.body.is_given or given is None or one is None or one.measure not in MEASURES:
        return None
    bare = msgspec.structs.replace(sheet.formula, items=(one,))
    known = await scores_live.digests(connection, bare, sheet.period, unit)
    return known.get((unit, one.measure), "") == given.digest


ROUTES = [unit, item]
