"""Administration of people and units through HTTP: who comes and leaves, what a role opens, how a unit ends."""

from __future__ import annotations

import asyncio
import contextvars
import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from hotline import city, clock, db, people, roster
from tests import builders
from tests.web import house
from tests.web.administration import field, noted
from web import access

FRESH = {"name": "李新", "unit": "CGB", "lang": "zh"}


async def unit_form(client: httpx.AsyncClient, code: str, **change: object) -> dict[str, object]:
    """The unit's form as it is drawn, with some fields typed over."""
    page = await house.get(client, f"/admin/units/{code}")
    one = city.current().units[code]
    start = {
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "parent": one.parent or "",
        **({"is_on": "yes"} if one.is_on else {}),
    }
    return start | {"version": field(page, "version"), "step": "apply"} | change


# People


async def test_a_new_person_signs_in_with_what_was_given_and_the_log_has_neither_name_nor_password(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    given = {**FRESH, "login": "li.xin", "password": "ten letters and more", "roles": ["unit_handler", "unit_liaison"]}
    answer = await house.post(client, "/people/new", given, page="/people/new")
    assert answer.status_code == 303
    person = UUID(answer.headers["location"].rpartition("/")[2])
    _, actor = await people.sign_in("li.xin", "ten letters and more", "127.0.0.1")
    assert (actor.name, actor.unit, actor.roles) == ("李新", "CGB", frozenset({"unit_handler", "unit_liaison"}))
    found = await noted(f"person:{person}")
    assert [act.kind for act in found] == ["person_added"]
    assert found[0].actor == admin
    assert "李新" not in found[0].data
    assert "letters" not in found[0].data
    page = await house.get(client, f"/people/{person}")
    assert "新增人员" in page
    assert "朱辉" in page


async def test_a_wrong_newcomer_comes_back_with_the_errors_beside_the_fields(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    given = {"login": "Li Xin", "name": "李新", "password": "short", "unit": "NOPE", "roles": ["unit_handler"]}
    answer = await house.post(client, "/people/new", given, page="/people/new")
    assert answer.status_code == 422
    assert 'id="e-password"' in answer.text
    assert 'value="李新"' in answer.text
    assert "short" not in answer.text
    answer = await house.post(client, "/people/new", {**given, "password": "long enough now"}, page="/people/new")
    assert (answer.status_code, 'id="e-unit"' in answer.text) == (422, True)


@pytest.mark.requirement("001-14")
async def test_a_leaver_loses_access_at_once_even_in_an_open_session(client: httpx.AsyncClient, admin: UUID) -> None:
    leaver, login = await house.a_person("dispatcher", unit="HOT")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    own = client.cookies[access.SESSION]
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    assert (await client.get("/cases")).status_code == 200
    client.cookies.set(access.SESSION, own, domain="testserver.local")
    question = await house.get(client, f"/people/{leaver}/leave")
    assert "1 处登录即刻退出" in question
    answer = await house.post(client, f"/people/{leaver}/leave", page=f"/people/{leaver}/leave")
    assert answer.status_code == 303
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    answer = await client.get("/cases")
    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")
    answer = await house.post(client, "/sign-in", {"login": login, "password": house.PASSWORD}, page="/sign-in")
    assert answer.status_code == 422
    client.cookies.set(access.SESSION, own, domain="testserver.local")
    assert [act.kind for act in await noted(f"person:{leaver}")][:1] == ["person_left"]


@pytest.mark.requirement("001-14")
async def test_role_unit_and_county_decide_what_one_sees_and_a_role_ends_at_once(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    receipt = await builders.a_case("dispatched")
    handler, login = await house.a_person("unit_handler", unit="130403", jurisdiction="130403")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    own = client.cookies[access.SESSION]

    async def sees() -> int:
        client.cookies.set(access.SESSION, token, domain="testserver.local")
        try:
            return (await client.get(f"/cases/{receipt.number}")).status_code
        finally:
            client.cookies.set(access.SESSION, own, domain="testserver.local")

    assert await sees() == 200
    page = await house.get(client, f"/people/{handler}")
    change = {"name": "王小明", "unit": "EDU", "jurisdiction": "", "lang": "zh", "version": field(page, "version")}
    assert (await house.post(client, f"/people/{handler}", change)).status_code == 303
    assert await sees() == 404, "another unit's case is not there"
    back = change | {"unit": "130403", "version": str(int(change["version"]) + 1)}
    assert (await house.post(client, f"/people/{handler}", back)).status_code == 303
    assert await sees() == 200
    office = {"name": "王小明", "unit": "130403", "jurisdiction": "130402", "lang": "zh"}
    county, login = await house.a_person("county_office", unit="130403", jurisdiction="130403")
    other, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    token, handlers = other, token
    assert await sees() == 200
    page = await house.get(client, f"/people/{county}")
    moved = office | {"version": field(page, "version")}
    assert (await house.post(client, f"/people/{county}", moved)).status_code == 303
    assert await sees() == 404, "another county's case is not there"
    token = handlers
    async with db.reading() as connection:
        grant = await connection.fetchval("SELECT id FROM role_grant WHERE person_id = $1", handler)
        await connection.execute("UPDATE role_grant SET valid_from = valid_from - 5 WHERE id = $1", grant)
    assert (await house.post(client, f"/people/{handler}/roles/{grant}/end")).status_code == 303
    assert await sees() == 403


async def test_a_role_from_a_later_day_holds_from_that_day_and_not_before(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, login = await house.a_person(unit="CGB")
    first = clock.today() + timedelta(days=3)
    form = {"role": "unit_head", "first": str(first), "last": str(first + timedelta(days=1))}
    assert (await house.post(client, f"/people/{person}/roles", form)).status_code == 303
    answer = await house.post(client, f"/people/{person}/roles", form)
    assert answer.status_code == 422, "the same role twice in one time"
    for days, roles in ((0, set()), (3, {"unit_head"}), (4, {"unit_head"}), (5, set())):
        with clock.at(clock.now() + timedelta(days=days)):
            _, actor = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
            assert set(actor.roles) == roles, days


async def test_two_who_change_one_person_one_is_told_and_keeps_what_was_typed(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, _ = await house.a_person("agent", unit="HOT")
    page = await house.get(client, f"/people/{person}")
    version = field(page, "version")
    change = {"name": "王小明", "unit": "GOV", "lang": "zh", "version": version}
    assert (await house.post(client, f"/people/{person}", change)).status_code == 303
    answer = await house.post(client, f"/people/{person}", {**change, "name": "王晓明"})
    assert answer.status_code == 409
    assert 'value="王晓明"' in answer.text
    assert re.search(r"朱辉 \d\d:\d\d 刚改过", answer.text)
    again = {**change, "name": "王晓明", "version": field(answer.text, "version")}
    assert (await house.post(client, f"/people/{person}", again)).status_code == 303


async def test_an_administrator_cannot_take_oneself_off(client: httpx.AsyncClient, admin: UUID) -> None:
    answer = await house.post(client, f"/people/{admin}/leave")
    assert answer.status_code == 303
    assert "不能给自己办离开" in await house.get(client, f"/people/{admin}")


async def test_the_list_of_people_goes_on_where_it_stopped_and_htmx_gets_the_list_alone(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    async with db.atomic() as connection:
        await connection.executemany(
            "INSERT INTO person (id, login, name) VALUES ($1, $2, $3)",
            [(uuid4(), f"crowd{n:03}", "群众") for n in range(60)],
        )
    page = await house.get(client, "/people?q=群众")
    assert page.count('<tr id="row-') == 50
    older = re.search(r'id="older" href="([^"]+)"', page)
    assert older
    rest = await house.get(client, older[1].replace("&amp;", "&"))
    assert (rest.count('<tr id="row-'), ">crowd059<" in rest, ">crowd049<" in rest) == (10, True, False)
    assert (await house.htmx(client, "/people?q=crowd001", "r-list")).lstrip().startswith('<div id="r-list"')
    answer = await house.post(client, "/people/new", {"login": "x"}, page="/people/new", is_htmx=True)
    assert (answer.status_code, answer.text.startswith('<div id="r-new"')) == (422, True)
    assert answer.headers["hx-trigger-after-settle"] == '{"putFocus":"#r-errors"}'


async def test_who_ends_a_role_and_who_takes_somebody_off_wait_in_one_order(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, _ = await house.a_person("unit_handler", unit="CGB")
    grant = (await roster.grants(person))[0]
    async with db.atomic() as leaving:  # as the page of a leaver: administrators first, then liaisons
        await roster.keep_an_admin(leaving, person)
        post = house.post(client, f"/people/{person}/roles/{grant.id}/end")
        ending = asyncio.create_task(post, context=contextvars.Context())  # a transaction of its own, not this one
        await asyncio.sleep(0.3)
        await leaving.execute("SET LOCAL lock_timeout = '300ms'")
        await roster.keep_a_liaison(leaving, person)
        assert not ending.done()
    assert (await ending).status_code == 303
    assert not await roster.grants(person)


async def test_the_last_administrator_can_neither_leave_nor_lose_the_role(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    for other in await people.search(role="admin", limit=200):
        if other.id != admin:
            await people.leave(other.id)
    short, _ = await house.a_person()
    await roster.grant(short, "admin", first=clock.today(), last=clock.today() + timedelta(days=1), by=admin)
    grant = next(one for one in await roster.grants(admin) if one.role == "admin")
    assert (await house.post(client, f"/people/{admin}/roles/{grant.id}/end")).status_code == 303
    assert "至少要留一名管理员" in await house.get(client, f"/people/{admin}")
    assert (await client.get("/admin")).status_code == 200


# Units


@pytest.mark.requirement("004-42")
async def test_a_unit_shows_its_head_deputy_and_liaison_and_without_a_liaison_it_cannot_be_switched_on(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    code = "130403005"
    form = await unit_form(client, code, is_on="yes")
    answer = await house.post(client, f"/admin/units/{code}", form)
    assert answer.status_code == 422
    assert 'id="e-is_on"' in answer.text
    assert "先给单位设一名联络员" in answer.text
    assert not city.current().units[code].is_on
    for role, name in (("unit_head", "赵主任"), ("unit_deputy", "钱副主任"), ("unit_liaison", "孙联络")):
        await house.a_person(role, unit=code, jurisdiction="130403", name=name)
    page = await house.get(client, f"/admin/units/{code}")
    assert [name in page for name in ("赵主任", "钱副主任", "孙联络")] == [True] * 3
    form = await unit_form(client, code, is_on="yes")
    assert (await house.post(client, f"/admin/units/{code}", form)).status_code == 303
    assert city.current().units[code].is_on
    assert [act.kind for act in await noted(f"unit:{code}")] == ["unit_changed"]


async def test_switching_a_unit_off_is_previewed_and_nothing_happens_before_it_is_put_in_force(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await builders.a_case("dispatched")
    form = await unit_form(client, "130403", step="preview")
    form.pop("is_on")
    answer = await house.post(client, "/admin/units/130403", form)
    assert answer.status_code == 200
    assert "影响预览" in answer.text
    assert "转到派单台人工派单" in answer.text
    assert re.search(r"手上还有 [1-9]\d* 件在办，不能停用", answer.text)
    assert city.current().units["130403"].is_on
    assert await noted("unit:130403") == []


async def test_a_unit_ends_on_a_day_and_its_successor_answers_afterwards(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    page = await house.get(client, "/admin/units/RUR")
    last = clock.today() + timedelta(days=5)
    form = {"last_day": str(last), "successor": "AGR", "version": field(page, "version"), "step": "apply"}
    assert (await house.post(client, "/admin/units/RUR/end", form)).status_code == 303
    assert city.current().heir("RUR", last) == "RUR"
    assert city.current().heir("RUR", last + timedelta(days=1)) == "AGR"
    assert "农业农村局" in await house.get(client, "/admin/units/RUR")


async def test_a_new_unit_stands_below_its_parent_and_is_switched_off(client: httpx.AsyncClient, admin: UUID) -> None:
    given = {"code": "CGB1", "name_zh": "市容大队", "name_en": "Street team", "parent": "CGB", "kind": "functional"}
    answer = await house.post(client, "/admin/units-new", given, page="/admin/units-new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/units/CGB1")
    one = city.current().units["CGB1"]
    assert (one.tier, one.parent, one.is_on) == (4, "CGB", False)
    answer = await house.post(client, "/admin/units-new", {**given, "name_zh": ""}, page="/admin/units-new")
    assert answer.status_code == 422
