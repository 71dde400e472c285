"""Administration through HTTP: people, the city as data, what a change moves, how the house runs, the log of acts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from channels import acknowledge, intake, outbox
from hotline import acts, city, clock, db, people, rebuild, roster
from sla import recompute
from tests import builders
from tests.engines import Place
from tests.web import house, test_desk
from web import access

FRESH = {"name": "李新", "unit": "CGB", "lang": "zh"}


@pytest.fixture(scope="module")
async def administrator(database: Place) -> tuple[UUID, str]:
    """One administrator of this module and the token of an open session: passwords cost a second each."""
    person, login = await house.a_person("admin", unit="HOT", name="朱辉")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    return person, token


@pytest.fixture
def admin(client: httpx.AsyncClient, administrator: tuple[UUID, str]) -> UUID:
    """``client`` is the administrator's browser."""
    client.cookies.set(access.SESSION, administrator[1], domain="testserver.local")
    return administrator[0]


@contextlib.asynccontextmanager
async def instead(client: httpx.AsyncClient, *roles: str, unit: str = "HOT", county: str = "") -> AsyncIterator[UUID]:
    """For a while somebody else sits at ``client``; then whoever sat there before."""
    before = client.cookies.get(access.SESSION)
    async with house.signed_in(client, *roles, unit=unit, jurisdiction=county) as who:
        yield who
    if before:
        client.cookies.set(access.SESSION, before, domain="testserver.local")


def field(page: str, name: str) -> str:
    """What the page's input or hidden field holds."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, (name, page[:2000])
    return found[1]


async def noted(subject: str) -> list[acts.ActRow]:
    """What was done to a record, newest first."""
    async with db.reading() as connection:
        return await acts.recent(connection, subject=subject)


async def matter_form(client: httpx.AsyncClient, code: str, /, **change: object) -> dict[str, object]:
    """The matter's form as it is drawn, with some fields typed over."""
    page = await house.get(client, f"/admin/matters/{code}")
    now = city.current().matter(code)
    assert now is not None
    names = ("l1_zh", "l2_zh", "l3_zh", "l1_en", "l2_en", "l3_en", "lead_unit", "route", "profile")
    return {name: getattr(now, name) for name in names} | {"version": field(page, "version"), "step": "apply"} | change


async def line_form(client: httpx.AsyncClient, number: str, **change: object) -> dict[str, object]:
    """The line's form as it is drawn, with some fields typed over."""
    page = await house.get(client, f"/admin/lines/{number}")
    one = city.current().lines[number]
    start = {"name_zh": one.name_zh, "name_en": one.name_en, "unit": one.unit, "state": one.state, "mode": one.mode}
    return start | {"version": field(page, "version"), "step": "apply"} | change


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


PAGES = (
    "/people", "/people?q=王&role=agent", "/people/new", "/admin", "/admin/units", "/admin/units?q=城",
    "/admin/units?on=bare",
    "/admin/units/CGB", "/admin/units/130403", "/admin/units-new?below=CGB", "/admin/matters", "/admin/matters/020201",
    "/admin/lines", "/admin/lines/new", "/admin/lines/12345", "/admin/calendar", "/admin/calendar?year=2027",
    "/admin/calendar?day=2026-12-25", "/admin/rules", "/admin/rules/visit.tries", "/admin/jurisdictions",
    "/admin/operations", "/admin/acts",
)  # fmt: skip


async def test_every_page_of_administration_is_whole_in_both_languages(client: httpx.AsyncClient, admin: UUID) -> None:
    for path in PAGES:
        for lang in ("en", "zh"):
            await house.get(client, f"{path}{'&' if '?' in path else '?'}lang={lang}")


@pytest.mark.parametrize("role", ["agent", "unit_head", "coordination"])
async def test_nobody_but_an_administrator_opens_the_records(client: httpx.AsyncClient, role: str) -> None:
    async with house.signed_in(client, role, unit="CGB"):
        for path in ("/people", "/admin", "/admin/units/CGB", "/admin/calendar", "/admin/rules"):
            assert (await client.get(path)).status_code == 403, path


async def test_an_administrator_reads_no_case(client: httpx.AsyncClient, admin: UUID) -> None:
    receipt = await builders.a_receipt()
    assert (await client.get(f"/cases/{receipt.number}")).status_code in {403, 404}
    assert "路灯" not in await house.get(client, "/admin/operations")


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


async def test_a_new_password_ends_every_session_and_the_last_administrator_stays(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    person, login = await house.a_person("agent", unit="HOT")
    token, _ = await people.sign_in(login, house.PASSWORD, "127.0.0.1")
    answer = await house.post(client, f"/people/{person}/password", {"password": "another long one"})
    assert answer.status_code == 303
    assert await people.actor_of(token) is None
    await people.sign_in(login, "another long one", "127.0.0.1")
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


async def test_the_last_administrator_can_neither_leave_nor_lose_the_role(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    for other in await people.search(role="admin", limit=200):
        if other.id != admin:
            await people.leave(other.id)
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
    assert re.search(r"手上 [1-9]\d* 件在办的不动", answer.text)
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


# Matters


@pytest.mark.requirement("004-26")
async def test_a_changed_matter_holds_from_its_day_on_and_older_cases_keep_the_version_they_were_filed_under(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    code, on = "020202", clock.today() + timedelta(days=2)
    old = await builders.a_receipt(matter=code, words="人民路上有个坑，车过去颠得厉害。")
    before = await promised(old.number)
    form = await matter_form(
        client, code, l3_zh="路面坑洞", lead_unit="TRA", route="FUNC", profile="CPX15", from_day=str(on)
    )
    assert (await house.post(client, f"/admin/matters/{code}", form)).status_code == 303
    page = await house.get(client, f"/admin/matters/{code}")
    assert f"{on - timedelta(days=1)}" in page, "the old version has its last day"
    assert "未到" in page
    with clock.at(clock.on(on, 10)):
        await city.refresh()
        new = await builders.a_receipt(matter=code, words="建设大街上有个坑，车过去颠得厉害。")
        assert (await row(old.number))["lead_unit"] == "130403"
        assert (await row(new.number))["lead_unit"] == "TRA"
        assert await promised(old.number) == before
        async with instead(client, "dispatcher"):
            assert "道路破损坑洼" in await house.get(client, f"/cases/{old.number}")
            shown = await house.get(client, f"/cases/{new.number}")
            assert "路面坑洞" in shown
            assert "道路破损坑洼" not in shown
    await city.refresh()
    act = (await noted(f"matter:{code}"))[0]
    assert act.details["changed"] == {
        "l3_zh": ["道路破损坑洼", "路面坑洞"], "lead_unit": ["CGB", "TRA"], "profile": ["STD5", "CPX15"],
        "route": ["TERR", "FUNC"],
    }  # fmt: skip
    assert act.details["on"] == str(on)


async def test_the_preview_of_a_matter_counts_the_open_cases_that_would_lie_elsewhere(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    for _ in range(2):
        await builders.a_receipt(matter="020203")
    form = await matter_form(client, "020203", lead_unit="CGB", route="FUNC", step="preview")
    answer = await house.post(client, "/admin/matters/020203", form)
    assert answer.status_code == 200
    assert "已派出的 2 件，按新版本会是别的单位" in answer.text
    assert "2 件 丛台区人民政府（130403） → 市城市管理和综合行政执法局（CGB）" in answer.text
    assert await noted("matter:020203") == []
    form["route"] = "TERR"
    answer = await house.post(client, "/admin/matters/020203", form)
    assert "没有在办的案件会因此换单位" in answer.text


@pytest.mark.requirement("000-11")
async def test_a_matter_has_one_code_for_the_whole_city_and_no_county_can_make_its_own(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    page = await house.get(client, "/admin/matters")
    codes = re.findall(r'<tr id="row-(\d{6})">', page)
    assert len(codes) == len(set(codes)) == 180
    form = await matter_form(client, "020204", l3_zh="排水不畅、积水")
    async with instead(client, "county_office", unit="130403", county="130403"):
        answer = await house.post(client, "/admin/matters/020204", form)
        assert answer.status_code == 403, "a county cannot fork the catalogue"
    async with instead(client, "admin", unit="130403", county="130403"):
        form = await matter_form(client, "020204", l3_zh="排水不畅、积水", county="130403", code="020299")
        assert (await house.post(client, "/admin/matters/020204", form)).status_code == 303
    page = await house.get(client, "/admin/matters")
    assert re.findall(r'<tr id="row-(\d{6})">', page) == codes, "no second code, no county's own"
    assert page.count("排水不畅、积水") == 1
    for county in ("130403", "130402"):
        receipt = await builders.a_receipt(matter="020204", county=county, place="")
        assert (await row(receipt.number))["matter"] == "020204"


async def test_a_matter_that_somebody_else_changed_gives_409_with_the_typed_text_and_who_it_was(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    form = await matter_form(client, "020301", profile="STD5")
    assert (await house.post(client, "/admin/matters/020301", form)).status_code == 303
    answer = await house.post(client, "/admin/matters/020301", {**form, "l3_zh": "大树歪倒"})
    assert answer.status_code == 409
    assert 'value="大树歪倒"' in answer.text
    assert re.search(r"朱辉 \d\d:\d\d 刚改过", answer.text)
    again = {**form, "l3_zh": "大树歪倒", "version": field(answer.text, "version")}
    assert (await house.post(client, "/admin/matters/020301", again)).status_code == 303


@pytest.mark.parametrize(
    ("change", "name"),
    [({"from_day": "2020-01-01", "l3_zh": "绿地"}, "from_day"), ({"l3_zh": ""}, "l3_zh"),
     ({"lead_unit": "XYZ"}, "lead_unit"),
     ({"profile": "NONE"}, "profile"), ({"route": "NONE"}, "route")],
)  # fmt: skip
async def test_a_faulty_matter_comes_back_with_the_error_beside_its_field(
    client: httpx.AsyncClient, admin: UUID, change: dict[str, object], name: str
) -> None:
    answer = await house.post(client, "/admin/matters/020302", await matter_form(client, "020302", **change))
    assert answer.status_code == 422
    assert f'id="e-{name}"' in answer.text
    assert (await house.post(client, "/admin/matters/020302", await matter_form(client, "020302"))).status_code == 422


# Lines


@pytest.mark.requirement("004-03")
@pytest.mark.parametrize("number", ["110", "119", "120", "122", "１１０", "0310-120"])
async def test_an_emergency_number_is_refused_as_a_line_in_words_and_the_try_is_noted(
    client: httpx.AsyncClient, admin: UUID, number: str
) -> None:
    given = {
        "number": number, "name_zh": "报警", "name_en": "Police", "unit": "PSB", "state": "merged", "mode": "MERGED",
    }  # fmt: skip
    answer = await house.post(client, "/admin/lines/new", given, page="/admin/lines/new")
    assert answer.status_code == 422
    assert "是紧急号码，不并入热线" in answer.text
    assert 'id="e-number"' in answer.text
    found = await noted(f"line:{city_number(number)}")
    assert found[0].kind == "line_refused"
    assert city_number(number) not in city.current().lines
    answer = await house.post(
        client, "/admin/lines/12345", await line_form(client, "12345", aliases=f"961890 {number}")
    )
    assert (answer.status_code, 'id="e-aliases"' in answer.text) == (422, True)


def city_number(number: str) -> str:
    """The number as dialled."""
    return {"１１０": "110", "0310-120": "120"}.get(number, number)


@pytest.mark.requirement("001-03")
async def test_a_line_goes_from_planned_to_dual_to_merged_to_retired_and_each_state_has_its_dates(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    given = {
        "number": "96111", "name_zh": "城管热线", "name_en": "City line", "unit": "CGB", "state": "planned",
        "mode": "MERGED",
    }  # fmt: skip
    answer = await house.post(client, "/admin/lines/new", given, page="/admin/lines/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/lines/96111")
    day = clock.today()
    for state, mode in (("dual", "DUAL"), ("merged", "MERGED"), ("retired", "MERGED")):
        day += timedelta(days=10)
        with clock.at(clock.on(day, 9)):
            await city.refresh()
            async with instead(client, "admin"):
                form = await line_form(client, "96111", state=state, mode=mode, from_day=str(day))
                assert (await house.post(client, "/admin/lines/96111", form)).status_code == 303
                assert city.current().lines["96111"].state == state
    await city.refresh()
    page = await house.get(client, "/admin/lines/96111")
    table = page.split('id="versions-title"')[1].split("</table>")[0]
    rows = re.findall(r"<tr><td>(\d{4}-\d\d-\d\d).*?</td><td>(.*?)</td><td>(.*?)</td>", table)
    start = clock.today()
    days = [start + timedelta(days=10 * n) for n in range(4)]
    assert rows == [
        (str(days[3]), "不限", "已退役"), (str(days[2]), str(days[3] - timedelta(days=1)), "已并入"),
        (str(days[1]), str(days[2] - timedelta(days=1)), "双号并行"),
        (str(days[0]), str(days[1] - timedelta(days=1)), "计划"),
    ]  # fmt: skip


async def test_the_registry_holds_the_23_lines_and_says_how_many_cases_came_by_each(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    before = set(re.findall(r'<tr id="row-(\w+)">', await house.get(client, "/admin/lines"))) - {"96111"}
    assert len(before) == 23
    await builders.a_receipt(line="12319", channel="phone")
    page = await house.get(client, "/admin/lines")
    cells = page.split('<tr id="row-12319">')[1].split("</tr>")[0]
    assert re.search(r'class="n">.*?</span>1</td>', cells)


@pytest.mark.requirement("004-02")
async def test_lines_come_and_go_by_forms_alone_and_a_call_on_any_lands_in_the_one_queue_with_its_line(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    given = {
        "number": "96555", "name_zh": "公用事业服务热线", "name_en": "Utilities line", "unit": "CGB", "state": "merged",
        "mode": "MERGED",
    }  # fmt: skip
    assert (await house.post(client, "/admin/lines/new", given, page="/admin/lines/new")).status_code == 303
    answer = await house.post(
        client, "/admin/lines/96xxx", await line_form(client, "96xxx", state="merged", mode="MERGED")
    )
    assert (answer.status_code, 'id="e-state"' in answer.text) == (422, True), "nobody can call a number with x in it"
    form = await line_form(client, "96xxx", state="retired")
    assert (await house.post(client, "/admin/lines/96xxx", form)).status_code == 303
    page = await house.get(client, "/admin/lines")
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = {row.split('"')[0]: row for row in table.split('<tr id="row-')[1:] if not row.startswith("96111")}
    active = [number for number, row in rows.items() if "已退役" not in row and ">计划<" not in row]
    assert len(active) == 23
    async with instead(client, "agent", "dispatcher"):
        desk = await house.get(client, "/desk")
        offered = set(re.findall(r'<option value="(\d{5})"', desk.split('name="line"')[1].split("</select>")[0]))
        assert offered == set(active), "the new line is there, the retired one is not"
        taken = {line: (await test_desk.said(client, line=line))[0] for line in active}
        queue = await house.get(client, "/cases?sort=new&open=all")
        for line, number in taken.items():
            assert number in queue
            tagged = await house.get(client, f"/cases?sort=new&open=all&line={line}")
            assert [one in tagged for one in taken.values()].count(True) == 1
            assert number in tagged


async def test_the_way_in_has_to_fit_the_state_and_the_main_number_stays(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    answer = await house.post(client, "/admin/lines/12333", await line_form(client, "12333", state="merged"))
    assert (answer.status_code, 'id="e-mode"' in answer.text) == (422, True)
    answer = await house.post(client, "/admin/lines/12333", await line_form(client, "12333", aliases="12369"))
    assert (answer.status_code, 'id="e-aliases"' in answer.text) == (422, True), "another line's number"
    form = await line_form(client, "12345", state="retired")
    answer = await house.post(client, "/admin/lines/12345", form)
    assert (answer.status_code, "主号不能退役" in answer.text) == (422, True)


# The calendar


def a_plain_weekday(after: int) -> date:
    """A working day at least so many days from today."""
    from sla import calendar

    day = clock.today() + timedelta(days=after)
    while not (calendar.of(city.current()).is_working(day) and day.weekday() < 4):
        day += timedelta(days=1)
    return day


async def set_days(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    """Preview the change of days, then put it in force, as the page makes one do."""
    shown = await house.post(client, "/admin/calendar", {**form, "step": "preview"})
    assert shown.status_code == 200
    return await house.post(
        client, "/admin/calendar", {**form, "step": "apply", "version": field(shown.text, "version")}
    )


async def row(number: str) -> dict[str, object]:
    """The case's row."""
    async with db.reading() as connection:
        return dict(await connection.fetchrow("SELECT * FROM cases WHERE number = $1", number))


async def promised(number: str) -> dict[str, object]:
    """The due moments of the case's running clocks by stage."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT stage, due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND outcome IS NULL",
            number,
        )
    return {one["stage"]: one["due_at"] for one in rows}


async def test_a_new_rest_day_is_previewed_then_moves_running_due_dates_and_the_case_says_so(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    receipt = await builders.a_receipt(
        matter="050101", kind="assistance", words="厂子里味道大。"
    )  # RPT15, 15 working days
    before = await promised(receipt.number)
    day = a_plain_weekday(6)
    form = {"first": str(day), "kind": "rest", "name_zh": "市运动会", "name_en": "City games", "step": "preview"}
    answer = await house.post(client, "/admin/calendar", form)
    assert answer.status_code == 200
    n = int(re.search(r"会移动 (\d+) 个正在走的期限", answer.text)[1])  # type: ignore[index]
    assert n >= 1
    assert await promised(receipt.number) == before, "a preview moves nothing"
    answer = await house.post(
        client, "/admin/calendar", {**form, "step": "apply", "version": field(answer.text, "version")}
    )
    assert answer.status_code == 303
    assert await recompute.run() == n, "the worker moves what the preview counted"
    assert await recompute.run() == 0, "and nothing twice"
    after = await promised(receipt.number)
    assert after["finish"] > before["finish"]
    assert after["sign_off"] == before["sign_off"]
    case = await row(receipt.number)
    assert case["next_due"] == min(after.values())
    page = await house.get(client, f"/admin/calendar?year={day.year}")
    assert "市运动会" in page
    assert f"移动了 {n} 个期限" in page
    assert (await noted(f"days:{day}/{day}"))[0].details["moves"] == n
    assert (await rebuild.rebuild(check=True)).different == 0, "the ledger and the tables agree"
    async with instead(client, "dispatcher"):
        story = await house.get(client, f"/cases/{receipt.number}")
    assert f"{clock.local(after['finish']):%m-%d %H:%M}" in story
    assert (await set_days(client, {"first": str(day), "kind": "work"})).status_code == 303
    assert await recompute.run() == n
    assert await promised(receipt.number) == before


async def test_a_change_of_the_calendar_is_done_even_if_the_worker_was_away_and_stays_done(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await builders.a_receipt(matter="050101", kind="assistance", words="厂子里味道大。")
    day = a_plain_weekday(8)
    form = {"first": str(day), "kind": "rest", "name_zh": "市庆", "name_en": "City day"}
    assert (await set_days(client, form)).status_code == 303
    with clock.at(clock.now() + timedelta(hours=1)):
        assert await recompute.run() >= 1
    async with db.reading() as connection:
        last = (await recompute.recent(connection))[0]
    assert last.done_at is not None
    assert last.moved >= 1
    assert "进行中" not in await house.get(client, "/admin/calendar")


async def test_days_that_were_not_previewed_or_changed_meanwhile_are_not_put_in_force(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    day = a_plain_weekday(12)
    form = {"first": str(day), "kind": "rest", "name_zh": "停电检修", "name_en": "Power works"}
    shown = await house.post(client, "/admin/calendar", {**form, "step": "preview"})
    version = field(shown.text, "version")
    other = {**form, "last": str(day + timedelta(days=1)), "step": "apply", "version": version}
    answer = await house.post(client, "/admin/calendar", other)
    assert (answer.status_code, "影响预览" in answer.text) == (200, True), "other days than those previewed"
    assert day not in city.current().calendar.days
    assert (await set_days(client, form)).status_code == 303
    answer = await house.post(
        client, "/admin/calendar", {**form, "name_zh": "供水检修", "step": "apply", "version": version}
    )
    assert answer.status_code == 409
    assert "供水检修" in answer.text
    assert city.current().calendar.days[day].name.zh == "停电检修"


@pytest.mark.parametrize(
    ("form", "name"),
    [({"first": "2026-01-05", "kind": "rest"}, "first"), ({"first": "", "kind": "rest"}, "first"),
     ({"first": "2027-03-03", "last": "2027-03-01", "kind": "rest"}, "last"),
     ({"first": "9999-12-31", "kind": "rest"}, "first"), ({"first": "1800-01-01", "kind": "rest"}, "first"),
     ({"first": "2027-03-03", "last": "9999-12-31", "kind": "rest"}, "last"),
     ({"first": "2027-03-03", "kind": ""}, "kind"),
     ({"first": "2027-03-03", "kind": "rest"}, "name_zh"),
     ({"first": "2027-03-03", "last": "2027-05-03", "kind": "rest"}, "last")],
)  # fmt: skip
async def test_a_faulty_day_comes_back_with_the_error_beside_its_field(
    client: httpx.AsyncClient, admin: UUID, form: dict[str, str], name: str
) -> None:
    answer = await house.post(client, "/admin/calendar", {**form, "step": "apply"})
    assert answer.status_code == 422
    assert f'id="e-{name}"' in answer.text


async def test_once_a_year_is_complete_its_provisional_promises_become_firm(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    with clock.at(clock.on(date(2026, 12, 22), 10)):
        receipt = await builders.a_receipt(matter="010101", words="楼板有裂缝，越来越大。")
        assert await provisional(receipt.number) > 0
    form = {"through": "2027-12-31", "step": "preview"}
    far = await house.post(client, "/admin/calendar/through", {**form, "through": "9999-12-31"})
    assert far.status_code == 422
    assert "太远了" in far.text
    answer = await house.post(client, "/admin/calendar/through", form)
    assert re.search(r"[1-9]\d* 个暂定的期限会确定下来", answer.text)
    form["step"] = "apply"
    assert (await house.post(client, "/admin/calendar/through", form)).status_code == 303
    await recompute.run()
    assert await provisional(receipt.number) == 0
    assert (await noted("rule:calendar.announced_through"))[0].details["changed"] == {
        "value": ["2026-12-31", "2027-12-31"]
    }


async def provisional(number: str) -> int:
    """How many of the case's running clocks are provisional."""
    async with db.reading() as connection:
        return int(await connection.fetchval(
            "SELECT count(*) FROM clock k JOIN cases c ON c.id = k.case_id"
            " WHERE c.number = $1 AND k.is_provisional AND k.stopped_at IS NULL", number,
        ))  # fmt: skip


# Rules, operations, the log


async def test_a_rule_is_set_with_its_old_value_in_the_log_and_a_wrong_one_is_refused(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    answer = await house.post(client, "/admin/rules/visit.tries", {"value": "many", "version": "3"})
    assert (answer.status_code, 'id="e-value"' in answer.text) == (422, True)
    assert (await house.post(client, "/admin/rules/visit.tries", {"value": "4", "version": "3"})).status_code == 303
    assert city.current().rule("visit.tries") == 4
    answer = await house.post(client, "/admin/rules/visit.tries", {"value": "5", "version": "3"})
    assert answer.status_code == 409
    assert (await noted("rule:visit.tries"))[0].details["changed"] == {"value": ["3", "4"]}
    assert "3 → 4" in await house.get(client, "/admin/rules/visit.tries")
    assert (await client.get("/admin/rules/no.such")).status_code == 404


async def test_operations_say_plainly_that_no_sms_carrier_is_set_up_and_how_much_waits(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await builders.a_receipt()
    outbox.SENDERS.pop("sms", None)
    page = await house.get(client, "/admin/operations")
    assert "没有接通短信、微信、邮件服务商" in page
    assert re.search(r"短信.*?<td class=\"n\">[1-9]", page, re.DOTALL)
    for secret in ("13800000001", "王小明", builders.WORDS[:6]):
        assert secret not in page
    assert "条消息在排队" in await house.get(client, "/admin")


async def test_a_parked_message_is_tried_again_by_hand_and_becomes_a_case(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    receipt = await acknowledge.acknowledge(builders.a_message(provider_id=str(uuid4())))
    async with db.reading() as connection:
        await connection.execute(
            "UPDATE inbound_message SET state = 'parked', tries = 3, error = 'KeyError' WHERE id = $1", receipt.message
        )
    page = await house.get(client, "/admin/operations")
    assert receipt.number in page
    assert "搁置 1" in page
    assert (await house.post(client, f"/admin/operations/inbound/{receipt.number}/again")).status_code == 303
    answer = await house.post(client, f"/admin/operations/inbound/{receipt.number}/again")
    assert answer.status_code == 409
    await intake.make_all()
    assert (await row(receipt.number))["is_open"]
    assert (await noted(f"inbound:{receipt.number}"))[0].kind == "inbound_again"


async def test_the_log_tells_in_sentences_and_is_filtered_by_kind_person_and_subject(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await house.post(client, "/admin/rules/urge.hours", {"value": "12", "version": "24"})
    page = await house.get(client, "/admin/acts?kind=rule_set&on=rule:urge.hours")
    assert "改规则 诉求人两次催办的间隔：值 24 → 12" in page
    assert "朱辉" in page
    english = await house.get(client, "/admin/acts?kind=rule_set&on=rule:urge.hours&lang=en")
    assert "changed a rule" in english
    await house.get(client, "/admin?lang=zh")
    assert "没有符合条件的" in await house.get(client, "/admin/acts?kind=rule_set&who=nobody.at.all")
    for _ in range(60):
        async with db.atomic() as connection:
            await acts.note(connection, await builders.person("agent"), "file_read", "case:x")
    page = await house.get(client, "/admin/acts?kind=file_read&who=agent")
    assert page.count('<tr id="row-') == 50
    older = re.search(r'id="older" href="([^"]+)"', page)
    assert older
    assert (await house.get(client, older[1].replace("&amp;", "&"))).count('<tr id="row-') == 10


async def test_abolished_counties_stand_with_their_successors_and_nothing_can_be_changed(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    page = await house.get(client, "/admin/jurisdictions")
    assert "已撤销" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


async def test_the_worker_does_what_the_calendar_left(client: httpx.AsyncClient, admin: UUID, database: Place) -> None:
    from hotline import worker

    assert worker.recompute_clocks in worker.WorkerSettings.functions
    assert "recompute_clocks" in dict(await worker.sweep_once())
