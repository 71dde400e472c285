"""Matters: the city's one catalogue by division, a matter's versions, and what a new version would move."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases.states import UNDISPATCHED
from hotline import city, city_verbs, clock, db
from hotline.actor import Actor
from hotline.city import Matter
from hotline.errors import Say
from routing import catalogue
from web import filters, forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

_LEVEL = 40
FIELDS = ("l1_zh", "l2_zh", "l3_zh", "l1_en", "l2_en", "l3_en", "lead_unit", "route", "profile")


class Edit(msgspec.Struct):
    """A new version of a matter from a day on, the same for the whole city."""

    l1_zh: Annotated[str, label("一级（中）", "Level 1 (zh)", most=_LEVEL)]
    l2_zh: Annotated[str, label("二级（中）", "Level 2 (zh)", most=_LEVEL)]
    l3_zh: Annotated[str, label("名称（中）", "Name (zh)", most=_LEVEL)]
    l1_en: Annotated[str, label("一级（英）", "Level 1 (en)", most=80)]
    l2_en: Annotated[str, label("二级（英）", "Level 2 (en)", most=80)]
    l3_en: Annotated[str, label("名称（英）", "Name (en)", most=80)]
    lead_unit: Annotated[str, label("默认单位", "Default unit")]
    route: Annotated[str, label("派单方式", "Route")]
    profile: Annotated[str, label("时限档案", "Clock profile")]
    from_day: Annotated[date | None, label("生效日期", "Takes effect on")] = None
    version: str = ""


def divisions() -> dict[str, Say]:
    """The first level of the catalogue by the first two digits of the code."""
    return {code[:2]: Say(one.l1_zh, one.l1_en) for code, one in reversed(city.current().matters.items())}


@get("/admin/matters", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The catalogue, one division at a time or by search."""
    known = dict(sorted(divisions().items()))
    asked = filters.parse("/admin/matters", request.query_params, (
        filters.Choice(key="q", say=Say("名称、代码", "Name or code")),
        filters.Choice(key="l1", say=Say("大类", "Division"), options=known),
        filters.Choice(key="route", say=Say("派单方式", "Route"), options=words.ROUTES_SHORT),
        filters.Choice(key="profile", say=Say("时限档案", "Clock profile"), options=words.PROFILE_NAMES),
        filters.Choice(key="unit", say=Say("默认单位", "Default unit"), options=words.unit_choices(tiers=(2, 3, 4))),
    ))  # fmt: skip
    text = asked.get("q").lower()
    found = [
        one
        for code, one in city.current().matters.items()
        if (not asked.get("l1") or code.startswith(asked.get("l1")))
        and (not asked.get("route") or one.route == asked.get("route"))
        and (not asked.get("profile") or one.profile == asked.get("profile"))
        and (not asked.get("unit") or one.lead_unit == asked.get("unit"))
        and (not text or text in f"{code} {one.path.zh} {one.path.en}".lower())
    ]
    return render(
        request, "admin/matters.html", region="#r-list", filters=asked, found=found, divisions=known,
        sizes=Counter(code[:2] for code in city.current().matters), n=len(city.current().matters),
        routes=words.ROUTES_SHORT, profiles=words.PROFILE_NAMES, words=words, coming=await _coming(),
        tabs=words.tabs(actor, "/admin/matters"),
    )  # fmt: skip


async def _coming() -> dict[str, date]:
    """Matters that have a version which has not begun, and its first day."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT code, valid_from FROM matter WHERE valid_from > $1", clock.today())
    return {row["code"]: row["valid_from"] for row in rows}


@get("/admin/matters/{code:str}", opt={"needs": "city.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """One matter."""
    return await _shown(request, actor, code)


@post("/admin/matters/{code:str}", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """Preview or make a new version of a matter."""
    form = await forms.read(request, Edit)
    if form.is_good and changes.is_preview(form):
        return await _shown(request, actor, code, form=form, moves=await _moves(code, form.good))

    async def keep(good: Edit) -> None:
        on = good.from_day or clock.today()
        async with db.atomic() as connection:
            await connection.execute("SELECT version FROM city_version FOR UPDATE")
            row = (await changes.versions(connection, "matter", code))[0]
            await changes.unchanged(connection, f"matter:{code}", good.version, changes.mark(row))
            after = {name: str(getattr(good, name)).strip() for name in FIELDS}
            changed = changes.difference(row, after)
            if not changed:
                raise changes.nothing()
            await city_verbs.change_matter(code, from_day=on, **{name: after[name] for name in changed})
            await changes.note(connection, actor, "matter_changed", f"matter:{code}", changed, on=on)

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        say = Say("新版本已保存，此前的案件仍按旧版本。", "The new version is saved; older cases keep theirs.")
        return see_other(request, f"/admin/matters/{code}", flash=say)
    return await _shown(request, actor, code, status=status, form=form)


async def _shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    code: str,
    *,
    status: int = 200,
    form: Form[Edit] | None = None,
    moves: list[Say] | None = None,
) -> Response[str]:
    async with db.reading() as connection:
        versions = await changes.versions(connection, "matter", code)
        past = await sentences.history(connection, f"matter:{code}")
        n = (await changes.used(connection, "matter")).get(code, (0, 0))
    row = versions[0]
    if form is not None and status == 409:
        form.typed["version"] = [changes.mark(row)]
    start = {name: row[name] for name in FIELDS}
    start |= {"version": changes.mark(row), "from_day": max(clock.today(), row["valid_from"])}
    return render(
        request, "admin/matter.html", region="#r-matter", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""),
        form=form or forms.blank(Edit, start), row=row, versions=versions, history=past, moves=moves, cases=n,
        current=city.current().matter(code), units=words.unit_choices(tiers=(2, 3, 4)), words=words,
        today=clock.today(), tabs=words.tabs(actor, "/admin/matters"),
    )  # fmt: skip


_GROUPS = """
SELECT county, township, lead_unit, state = ANY($2) AS waits, count(*) AS n
FROM cases WHERE is_open AND matter = $1 AND kind <> 'report' AND NOT is_confidential
    AND (lead_unit IS NOT NULL OR state = ANY($2))
GROUP BY 1, 2, 3, 4
"""


async def _moves(code: str, good: Edit) -> list[Say]:
    """Which open cases would be dispatched otherwise by the new version, counted by unit; nothing is moved."""
    snapshot, today = city.current(), clock.today()
    on = good.from_day or today
    if wrong := _faults(good):
        return wrong
    now = snapshot.matter(code, on) or snapshot.matter(code)
    trial = snapshot.trying(_version(code, good))
    async with db.reading() as connection:
        groups = await connection.fetch(_GROUPS, code, sorted(UNDISPATCHED))
    total, waiting, other = 0, 0, Counter[str]()
    for group in groups:
        place = (group["county"], group["township"], today)
        before, after = catalogue.of(code, *place, snapshot), catalogue.of(code, *place, trial)
        total += group["n"]
        if group["waits"] and before.unit != after.unit:
            waiting += group["n"]
        elif not group["waits"] and after.unit != group["lead_unit"]:
            other[f"{group['lead_unit']}>{after.unit or ''}"] += group["n"]
    return _told(total, waiting, other, good, now, on)


def _told(total: int, waiting: int, other: Counter[str], good: Edit, now: Matter | None, on: date) -> list[Say]:
    moves = [Say(
        f"自 {on} 起受理的案件按新版本；在办 {total} 件保留受理时的版本。",
        f"Cases accepted from {on} on follow the new version; {total} open cases keep theirs.",
    )]  # fmt: skip
    if waiting:
        moves.append(Say(
            f"待派的 {waiting} 件，按新版本会派给别的单位。",
            f"{waiting} cases waiting for dispatch would go to another unit by the new version.",
        ))  # fmt: skip
    moved = sum(other.values())
    if moved:
        moves.append(Say(
            f"已派出的 {moved} 件，按新版本会是别的单位；它们不动，需要时由派单员改派：",
            f"{moved} dispatched cases would lie with another unit; they stay unless re-dispatched:",
        ))  # fmt: skip
        for pair, n in other.most_common(8):
            old, _, new = pair.partition(">")
            left, right = words.unit(old), words.unit(new) if new else Say("派单台", "the dispatcher's desk")
            moves.append(Say(f"{n} 件 {left.zh} → {right.zh}", f"{n}: {left.en} → {right.en}"))
    if not waiting and not moved:
        moves.append(Say("没有在办的案件会因此换单位。", "No open case would lie with another unit."))
    if now is not None and now.profile != good.profile:
        moves.append(Say(
            f"时限从 {now.profile} 改为 {good.profile}，只用于之后派出的；正在走的期限不变。",
            f"Profile {good.profile} instead of {now.profile} for later dispatches; running promises stay.",
        ))  # fmt: skip
    return moves


def _faults(good: Edit) -> list[Say]:
    """What cannot be tried at all; saving says it beside the field."""
    if good.route not in words.ROUTES or good.profile not in words.PROFILE_NAMES:
        return [Say("请先从列出的里面选派单方式和时限档案。", "First choose the route and the profile from the lists.")]
    return []


def _version(code: str, good: Edit) -> Matter:
    return Matter(code=code, **{name: getattr(good, name) for name in FIELDS}, valid_from=clock.today(), valid_to=None)


ROUTES = [index, record, change]
