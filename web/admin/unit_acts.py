"""What is done to units: a new version from a day, switching on and off, an end with a successor, a new one below."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, city_verbs, clock, db, roster, unit_desks
from hotline.actor import Actor
from hotline.errors import Say, invalid
from web import forms
from web.access import Who
from web.admin import changes, words
from web.admin.units import Below, Desk, Edit, Ending, shown
from web.forms import Form
from web.render import render, see_other


@post("/admin/units/{code:str}", opt={"needs": "city.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """Preview or make a new version of a unit."""
    form = await forms.read(request, Edit)
    if form.is_good and changes.is_preview(form):
        return await shown(request, actor, code, edit=form, moves=await _moves(code, form.good))

    async def keep(good: Edit) -> None:
        await _change(actor, code, good)

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        return see_other(request, f"/admin/units/{code}", flash=Say("已保存。", "Saved."))
    return await shown(request, actor, code, status=status, edit=form)


async def _change(actor: Actor, code: str, good: Edit) -> None:
    on = good.from_day or clock.today()
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        row = (await changes.versions(connection, "unit", code))[0]
        await changes.unchanged(connection, f"unit:{code}", good.version, changes.mark(row))
        after: dict[str, Any] = {
            "name_zh": good.name_zh.strip(), "name_en": good.name_en.strip(), "parent": good.parent or None,
            "is_on": good.is_on, "needs_head": good.needs_head,
        }  # fmt: skip
        changed = changes.difference(row, after)
        if not changed:
            raise changes.nothing()
        officers = await roster.officers(code)
        has_liaison = bool(officers[roster.LIAISON])
        if "is_on" in changed and not good.is_on and (held := await _held(code)):
            raise invalid({"is_on": unit_desks.still_open(code, held)})
        if "is_on" in changed and not good.is_on and on > clock.today():
            raise invalid({"from_day": unit_desks.ONLY_TODAY})
        if good.needs_head and "needs_head" in changed and not (officers["unit_head"] or officers["unit_deputy"]):
            raise invalid({"needs_head": Say("先给单位设一名负责人。", "Give the unit a head first.")})
        await city_verbs.change_unit(
            code, has_liaison=has_liaison, from_day=on, **{name: after[name] for name in changed}
        )
        await changes.note(connection, actor, "unit_changed", f"unit:{code}", changed, on=on)


@post("/admin/units/{code:str}/end", opt={"needs": "city.edit"}, status_code=200)
async def end(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """Preview or set a unit's last day and its successor."""
    form = await forms.read(request, Ending)
    if form.is_good and changes.is_preview(form):
        moves = await _end_moves(code, form.good)
        return await shown(request, actor, code, ending=form, moves=moves)

    async def keep(good: Ending) -> None:
        async with db.atomic() as connection:
            await connection.execute("SELECT version FROM city_version FOR UPDATE")
            row = (await changes.versions(connection, "unit", code))[0]
            await changes.unchanged(connection, f"unit:{code}", good.version, changes.mark(row))
            after = {"valid_to": good.last_day, "successor": good.successor}
            await city_verbs.end_unit(code, last_day=good.last_day, successor=good.successor)
            changed = changes.difference(row, after)
            await changes.note(connection, actor, "unit_ended", f"unit:{code}", changed)

    status = await changes.tried(form, keep)
    if status == 200:
        await changes.renew()
        say = Say("已安排撤并，之后由承接单位接手。", "Its end is set; the successor answers for it afterwards.")
        return see_other(request, f"/admin/units/{code}", flash=say)
    return await shown(request, actor, code, status=status, ending=form)


@get("/admin/units-new", opt={"needs": "city.edit"})
async def blank(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form for a new unit below another."""
    parent = request.query_params.get("below", "")
    above = city.current().unit(parent)
    start = {2: "functional", 3: "township", 4: "village"}.get(above.tier if above else 0, "functional")
    return _form(request, actor, forms.blank(Below, {"parent": parent, "kind": start, "valid_from": clock.today()}))


@post("/admin/units-new", opt={"needs": "city.edit"}, status_code=200)
async def add(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Enter a unit; it begins switched off."""
    form = await forms.read(request, Below)

    async def enter(good: Below) -> None:
        above = city.current().unit(good.parent)
        async with db.atomic() as connection:
            await city_verbs.add_unit(
                good.code, good.name_zh, good.name_en, kind=good.kind, parent=good.parent,
                jurisdiction=above.jurisdiction if above else None, valid_from=good.valid_from,
            )  # fmt: skip
            changed = {"name_zh": ["", good.name_zh], "parent": ["", good.parent]}
            on = good.valid_from or clock.today()
            await changes.note(connection, actor, "unit_added", f"unit:{good.code}", changed, on=on)

    status = await changes.tried(form, enter)
    if status == 200:
        await changes.renew()
        say = Say("已新增，先设联络员再启用。", "Added. Name a liaison, then switch it on.")
        return see_other(request, f"/admin/units/{form.good.code}", flash=say)
    return _form(request, actor, form, status)


def _form(request: Request[Any, Any, Any], actor: Actor, form: Form[Below], status: int = 200) -> Response[str]:
    return render(
        request, "admin/unit_new.html", region="#r-new", status=status, focus="#r-errors" if status != 200 else "",
        form=form, parents=words.unit_choices(tiers=(1, 2, 3, 4)), kinds=words.UNIT_KINDS,
        tabs=words.tabs(actor, "/admin/units"),
    )  # fmt: skip


async def _moves(code: str, good: Edit) -> list[Say]:
    """What a new version would move, in sentences."""
    on, unit = good.from_day or clock.today(), city.current().unit(code)
    held, matters = await _held(code), _matters(code)
    moves = [
        Say(
            f"自 {on} 起用新的资料；此前的案件仍按旧的显示。",
            f"From {on} the new record holds; older cases keep the old.",
        )
    ]
    if unit and unit.is_on and not good.is_on:
        moves.append(Say(
            f"停用后，{matters} 个事项的新案件会转到派单台人工派单。",
            f"Switched off, new cases of {matters} matters go to the dispatcher's desk.",
        ))  # fmt: skip
        if held:
            moves.append(unit_desks.still_open(code, held))
        if on > clock.today():
            moves.append(unit_desks.ONLY_TODAY)
    elif unit and not unit.is_on and good.is_on:
        has_liaison = bool((await roster.officers(code))[roster.LIAISON])
        moves.append(
            Say(
                f"启用后，{matters} 个事项的新案件会按目录派给它。",
                f"Switched on, new cases of {matters} matters go to it.",
            )
            if has_liaison
            else Say("它还没有联络员，不能启用。", "It has no liaison and cannot be switched on.")
        )
    else:
        moves.append(
            Say(f"不影响派单，在办 {held} 件不动。", f"Dispatch stays as it is; {held} open cases do not move.")
        )
    return moves


async def _end_moves(code: str, good: Ending) -> list[Say]:
    held, matters, heir = await _held(code), _matters(code), words.unit(good.successor)
    return [
        Say(f"{good.last_day} 之后，{matters} 个事项的新案件派给{heir.zh}。",
            f"After {good.last_day}, new cases of {matters} matters go to {heir.en}."),
        Say(f"在办 {held} 件不动，由派单员在“派单 · 单位在办”（/dispatch/units/{code}）里改派，撤并后也可以。",
            f"{held} open cases do not move; a dispatcher re-dispatches them at /dispatch/units/{code}, also later."),
        Say(f"下设 {_below(code)} 个单位要另改上级。", f"{_below(code)} units below it need another parent."),
    ]  # fmt: skip


async def _held(code: str) -> int:
    async with db.reading() as connection:
        return await unit_desks.held(connection, code)


@post("/admin/units/{code:str}/desk", opt={"needs": "city.edit"}, status_code=200)
async def set_desk(request: Request[Any, Any, Any], actor: Who, code: FromPath[str]) -> Response[str]:
    """Who stands in when nobody of the unit is there, and when its people are written to."""
    form = await forms.read(request, Desk)

    async def keep(good: Desk) -> None:
        async with db.atomic() as connection:
            await changes.versions(connection, "unit", code)
            await unit_desks.keep(connection, actor, code, good.substitute, good.hours.strip())

    status = await changes.tried(form, keep)
    if status == 200:
        return see_other(request, f"/admin/units/{code}", flash=Say("已保存。", "Saved."))
    return await shown(request, actor, code, status=status, desk=form)


def _matters(code: str) -> int:
    """Matters whose lead today would be this unit somewhere."""
    snapshot = city.current()
    unit = snapshot.unit(code)
    is_county = unit is not None and unit.kind == "county"
    return sum(
        one.route == "TERR" if is_county else (one.route != "TERR" and one.lead_unit == code)
        for one in snapshot.matters.values()
    )


def _below(code: str) -> int:
    return sum(one.parent == code for one in city.current().units.values())


ROUTES = [change, end, blank, add, set_desk]
