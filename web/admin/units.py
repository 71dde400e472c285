"""Units: the tree of five tiers, and a unit with its people and its versions. Acts: ``web.admin.unit_acts``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from hotline import city, clock, db, roster, unit_desks
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Say
from web import filters, forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render

MOST_FOUND = 100
ON = {"on": Say("已启用", "In use"), "off": Say("未启用", "Not in use"), "bare": Say("缺联络员", "Without a liaison")}
_DAY = label("生效日期", "Takes effect on")


class Edit(msgspec.Struct):
    """A new version of a unit from a day on."""

    name_zh: Annotated[str, label("中文名", "Chinese name", most=60)]
    name_en: Annotated[str, label("英文名", "English name", most=120)]
    parent: Annotated[str, label("上级", "Parent")] = ""
    is_on: Annotated[bool, label("启用：可以派给它", "In use: it can be given cases")] = False
    needs_head: Annotated[
        bool, label("答复经负责人批准，下派由负责人办", "Its head approves replies and hands cases down")
    ] = False
    from_day: Annotated[date | None, _DAY] = None
    version: str = ""


class Ending(msgspec.Struct):
    """A unit's last day and who answers for it afterwards."""

    last_day: Annotated[date, label("最后一天", "Last day")]
    successor: Annotated[str, label("承接单位", "Successor")]
    version: str = ""


class Desk(msgspec.Struct, kw_only=True):
    """A unit's substitute and its hours."""

    substitute: Annotated[UUID | None, label("替班人", "Substitute")] = None
    hours: Annotated[str, label("工作时间", "Working hours", most=11)] = ""


class Below(msgspec.Struct):
    """A unit to be entered below another."""

    code: Annotated[str, label("代码", "Code", most=12)]
    name_zh: Annotated[str, label("中文名", "Chinese name", most=60)]
    name_en: Annotated[str, label("英文名", "English name", most=120)]
    parent: Annotated[str, label("上级", "Parent")]
    kind: Annotated[str, label("类别", "Kind")]
    valid_from: Annotated[date | None, _DAY] = None

    def check(self) -> dict[str, Say]:
        """The kind is one of ours."""
        if self.kind in words.UNIT_KINDS:
            return {}
        return {"kind": Say("请从列出的类别里选。", "Choose a kind from the list.")}


class Leaf(msgspec.Struct, frozen=True):
    """A unit in the tree, how deep it stands and how many stand below it."""

    unit: Unit
    depth: int
    below: tuple[Leaf, ...]


def tree(root: str = "13") -> Leaf | None:
    """The units below ``root`` with it on top."""
    snapshot = city.current()
    children: dict[str, list[Unit]] = {}
    for one in snapshot.units.values():
        children.setdefault(one.parent or "", []).append(one)

    def leaf(unit: Unit, depth: int) -> Leaf:
        below = sorted(children.get(unit.code, ()), key=lambda one: (one.kind == "county", not one.is_on, one.code))
        return Leaf(unit, depth, tuple(leaf(one, depth + 1) for one in below))

    top = snapshot.unit(root)
    return leaf(top, 0) if top else None


def _matching(asked: filters.Filters, with_liaison: frozenset[str]) -> Iterator[Unit]:
    text, on, tier = asked.get("q").lower(), asked.get("on"), asked.get("tier")
    for unit in sorted(city.current().units.values(), key=lambda one: (one.tier, one.code)):
        if text and text not in f"{unit.code} {unit.name_zh} {unit.name_en}".lower():
            continue
        if tier and str(unit.tier) != tier:
            continue
        is_bare = unit.is_on and unit.code not in with_liaison
        if {"on": unit.is_on, "off": not unit.is_on, "bare": is_bare}.get(on, True):
            yield unit


@get("/admin/units", opt={"needs": "city.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The tree, or what a search finds in it."""
    asked = filters.parse("/admin/units", request.query_params, (
        filters.Choice(key="q", say=Say("名称、代码", "Name or code")),
        filters.Choice(key="on", say=Say("状态", "State"), options=ON),
        filters.Choice(key="tier", say=Say("层级", "Tier"), options={str(n): say for n, say in words.TIERS.items()}),
    ))  # fmt: skip
    with_liaison = await roster.units_with(roster.LIAISON)
    found = list(_matching(asked, with_liaison)) if asked.is_any else []
    sizes = {tier: sum(one.tier == tier for one in city.current().units.values()) for tier in words.TIERS}
    return render(
        request, "admin/units.html", region="#r-list", filters=asked, found=found[:MOST_FOUND], n=len(found),
        tree=None if asked.is_any else tree(), sizes=sizes, on=ON, tiers=words.TIERS, kinds=words.UNIT_KINDS,
        with_liaison=with_liaison, tabs=words.tabs(actor, "/admin/units"),
    )  # fmt: skip


@get("/admin/units/{code:str}", opt={"needs": "city.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """One unit."""
    return await shown(request, actor, code)


def blank_edit(row: changes.Row) -> Form[Edit]:
    """The form with what holds now."""
    return forms.blank(Edit, {
        "name_zh": row["name_zh"], "name_en": row["name_en"], "parent": row["parent"], "is_on": row["is_on"],
        "needs_head": row["needs_head"], "version": changes.mark(row),
        "from_day": max(clock.today(), row["valid_from"]),
    })  # fmt: skip


async def shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    code: str,
    *,
    status: int = 200,
    edit: Form[Edit] | None = None,
    ending: Form[Ending] | None = None,
    moves: list[Say] | None = None,
    desk: Form[Any] | None = None,
) -> Response[str]:
    """The page of one unit with whatever form came back; ``moves`` is the answer to a preview."""
    async with db.reading() as connection:
        versions = await changes.versions(connection, "unit", code)
        past = await sentences.history(connection, f"unit:{code}")
        own_desk = await unit_desks.of(connection, code)
        near = await roster.near(connection, code)
        held = await unit_desks.held(connection, code)
    row = versions[0]
    if status == 409:
        for form in (edit, ending):
            if form is not None:
                form.typed["version"] = [changes.mark(row)]
    snapshot = city.current()
    parent = snapshot.unit(row["parent"]) if row["parent"] else None
    peers = {
        one.code: Say(f"{one.name_zh} {one.code}", f"{one.name_en} {one.code}")
        for one in snapshot.units.values()
        if one.tier == row["tier"] - 1
    }
    return render(
        request, "admin/unit.html", region="#r-unit", status=status,
        focus="#r-errors" if status != 200 else ("#r-moves" if moves else ""),
        row=row, versions=versions, officers=await roster.officers(code), history=past, moves=moves, parent=parent,
        own_desk=own_desk, held=held, near={str(one.id): Say(one.name, one.name) for one in near},
        desk=desk or forms.blank(Desk, {"substitute": own_desk.substitute, "hours": own_desk.hours}),
        form=edit or ending or desk or blank_edit(row), edit=edit or blank_edit(row),
        ending=ending or forms.blank(Ending, {"version": changes.mark(row)}), is_ended=row["valid_to"] is not None,
        is_previewed_edit=bool(moves) and edit is not None, is_previewed_end=bool(moves) and ending is not None,
        below=[one for one in snapshot.units.values() if one.parent == code], parents=peers, offices=roster.OFFICES,
        successors=words.unit_choices(tiers=(2, 3, 4)), words=words, today=clock.today(),
        tabs=words.tabs(actor, "/admin/units"),
    )  # fmt: skip


ROUTES = [index, record]
