"""Administration: who coordinates enterprises' requests in each township, county and the city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases.levels import CITY_UNIT, LEVELS
from hotline import acts, city, db
from hotline.actor import Actor
from hotline.city import Unit
from hotline.errors import Refusal, Say, invalid, not_found
from hotline.work import work
from routing import leaders
from routing.leaders import Leader
from web import forms
from web.access import Who
from web.admin import words
from web.forms import Form, label
from web.render import render, see_other

NEEDS = "city.edit"
AnyRequest = Request[Any, Any, Any]
_PEOPLE = """
SELECT p.id, p.name, p.login FROM person p JOIN role_grant g ON g.person_id = p.id AND g.valid_to IS NULL
WHERE g.role = 'level_leader' AND p.left_at IS NULL ORDER BY p.login
"""


class Named(msgspec.Struct, kw_only=True):
    """Who leads a unit."""

    name: Annotated[str, label("姓名", "Name", most=40, missing=Say("请写姓名。", "Write the name."))]
    title: Annotated[str, label("职务", "Title", most=60)] = ""
    person: Annotated[str, label("登录账号", "Signs in as", most=60)] = ""


@get("/care/leaders", opt={"needs": NEEDS})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """The city, its counties, and the townships of the county that ``county`` names."""
    return await _index(request, actor)


async def _index(
    request: AnyRequest, actor: Actor, unit: str = "", form: Form[Named] | None = None, status: int = 200
) -> Response[str]:
    snapshot = city.current()
    county = request.query_params.get("county", "")
    chosen = unit or request.query_params.get("unit", "")
    if unit and snapshot.units[unit].tier > 3:
        county = snapshot.units[unit].parent or ""
    async with db.reading() as connection:
        named = await leaders.current(connection)
        people = [dict(row) for row in await connection.fetch(_PEOPLE)]
    rows = _rows(snapshot, county if county in snapshot.jurisdictions else "")
    return render(
        request, "care/leaders.html", region="#r-list", status=status, rows=rows, named=named, county=county,
        counties=snapshot.jurisdictions, levels=LEVELS, level_of=leaders.level_of, chosen=chosen,
        people={str(one["id"]): _who(one) for one in people},
        form=form or forms.blank(Named, _start(named.get(chosen))), tabs=words.tabs(actor, "/care/leaders"),
        missing=sum(1 for one in _rows(snapshot, "") if one.code not in named),
    )  # fmt: skip


def _who(one: Mapping[str, Any]) -> Say:
    return Say(f"{one['name']}（{one['login']}）", f"{one['name']} ({one['login']})")


def _rows(snapshot: city.City, county: str) -> list[Unit]:
    """The city and the counties, or one county with its townships."""
    every = [one for one in snapshot.units.values() if leaders.level_of(one)]
    if county:
        return [one for one in every if county in (one.code, one.parent)]
    return sorted((one for one in every if one.tier < 4), key=lambda one: (one.code != CITY_UNIT, one.code))


def _start(one: Leader | None) -> Mapping[str, object]:
    return {"name": one.name, "title": one.title, "person": one.person or ""} if one else {}


@post("/care/leaders/{unit:str}", opt={"needs": NEEDS}, status_code=200)
async def name(request: AnyRequest, actor: Who, unit: FromPath[str]) -> Response[str]:
    """Name a unit's leader from today on; open cases at its level go over."""
    if (known := city.current().unit(unit)) is None or leaders.level_of(known) is None:
        raise not_found()
    form = await forms.read(request, Named)
    if form.is_good:
        try:
            await _kept(actor, unit, form.good)
        except Refusal as refusal:
            if refusal.status not in (409, 422):
                raise
            form.take(refusal)
    if not form.is_good:
        return await _index(request, actor, unit, form, status=422)
    said = Say(f"{known.name_zh}的负责领导已定。", f"The leader of {known.name_en} is named.")
    back = f"/care/leaders?county={known.parent}" if known.tier > 3 else "/care/leaders"
    return see_other(request, back, flash=said)


async def _kept(actor: Actor, unit: str, given: Named) -> None:
    async with work(actor) as w:
        allowed = {str(row["id"]) for row in await w.connection.fetch(_PEOPLE)}
        if given.person and given.person not in allowed:
            zh = "请从列表里选；先在“人员”里给“协调领导”角色。"
            raise invalid({"person": Say(zh, "Choose from the list; give them the role under People first.")})
        person = UUID(given.person) if given.person else None
        before, after = await leaders.name_leader(w, unit, name=given.name, title=given.title, person=person)
        await w.flush()
        data = {"leader": str(after.id), "level": after.level, **({"before": str(before.id)} if before else {})}
        await acts.note(w, actor, "leader_named", f"unit:{unit}", data)


ROUTES = [index, name]
