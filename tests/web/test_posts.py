"""Posts, acting for somebody, roles that clash, units and their liaisons, the sheet of people, through HTTP."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from cases import hands, verbs, views
from hotline import city, city_verbs, clock, db, people, person_reset, roster
from hotline.actor import Actor
from tests import builders as b
from tests.conftest import shared_app
from tests.engines import Place
from tests.web import house
from tests.web.administration import field
from tests.web.posts import UNIT, Seats
from tests.web.test_workbench import RESULT, hidden
from web import fields
from web.dispatch import moving

pytestmark = pytest.mark.anyio
TODAY = clock.today


@pytest.fixture(scope="module")
async def client(database: Place) -> AsyncIterator[httpx.AsyncClient]:
    """One browser for all of them."""
    transport = httpx.ASGITransport(app=shared_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=30) as one:
        yield one


@pytest.fixture(scope="module")
async def seats(client: httpx.AsyncClient) -> Seats:
    """The people of these tests, entered once."""
    found = Seats(client)
    await found.add("朱管理", "admin", unit="HOT")
    await found.add("孙派单", "dispatcher", unit="HOT")
    await found.add("冯协调", "coordination", unit="GOV")
    await found.add("王负责", "unit_head")
    await found.add("李联络", "unit_liaison", "unit_handler")
    await found.add("程主任", "unit_head", unit="CGB")
    return found


async def post(client: httpx.AsyncClient, path: str, page: str, status: int = 303, **data: object) -> str:
    """Post, look at the status and give the page."""
    answer = await house.post(client, path, data, page=page)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:2500])
    return answer.text


@contextlib.asynccontextmanager
async def rule(key: str, value: str) -> AsyncIterator[None]:
    """One of the city's rules for a while."""
    before = str(city.current().rule(key))
    for at_end, text in ((False, value), (True, before)):
        await city_verbs.set_rule(key, text)
        await city.load()
        if not at_end:
            yield


async def row(sql: str, *args: object) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(sql, *args)


async def test_a_role_in_another_unit_holds_at_that_post_only_and_the_unit_shows_it(seats: Seats) -> None:
    await seats.add("两岗人", "unit_liaison", unit="CGB")
    person, number = seats.ids["两岗人"], (await b.a_case("dispatched")).number
    admin = seats.sit("朱管理")
    grant = {"role": "unit_liaison", "first": TODAY(), "at_unit": UNIT}
    at = f"/people/{person}"
    assert 'id="e-at_unit"' in await post(admin, f"{at}/roles", at, 422, **{**grant, "at_unit": "NOPE"})
    await post(admin, f"{at}/roles", at, **grant)
    assert "两岗人" in await house.get(admin, f"/admin/units/{UNIT}")
    client = seats.sit("两岗人")
    assert (await client.get(f"/cases/{number}")).status_code == 404, "at the own post it is another unit's"
    found = re.findall(r'name="post" value="([^"]*)"', await house.get(client, "/posts"))
    key = next(one for one in found if UNIT in one)
    async with rule("factor.roles", "unit_liaison"):
        assert "须有动态码" in await post(client, "/posts", "/posts", 422, post=key)
    await post(client, "/posts", "/posts", post=key)
    assert "岗位：丛台区" in await house.get(client, f"/cases/{number}")
    slip = f"/people/{person}/slip"
    assert "在别的单位也有角色" in await post(seats.sit("程主任"), slip, "/team", 409)
    grants = [one for one in await roster.grants(person) if one.unit == UNIT]
    await post(seats.sit("朱管理"), f"{at}/roles/{grants[0].id}/end", at)
    client = seats.sit("两岗人")
    assert (await client.get(f"/cases/{number}")).status_code == 404, "a post that ended is left with the next request"
    assert "请重新选" in await post(client, "/posts", "/posts", 422, post=key)


async def test_roles_that_would_let_somebody_audit_their_own_visits_are_refused_with_the_reason(seats: Seats) -> None:
    admin = seats.sit("朱管理")
    caller, _ = await house.a_person("callback", unit="HOT")
    page = await post(admin, f"/people/{caller}/roles", f"/people/{caller}", 422, role="auditor", first=TODAY())
    assert "会复核、审核自己做的回访" in page
    assert "请先收回其中一个" in page
    given = {"login": "both.hats", "name": "两帽", "password": "ten letters and more", "unit": UNIT}
    page = await post(admin, "/people/new", "/people/new", 422, roles=["unit_handler", "auditor"], **given)
    assert "会审核、回访自己单位办的件" in page
    both, _ = await house.a_person("callback", "unit_handler", unit=UNIT)  # granted before the table held
    number = (await b.a_case("approved")).number
    case_id = (await row("SELECT id FROM cases WHERE number = $1", number))["id"]
    async with db.reading() as connection:
        file = await views.read(connection, case_id)
    assert not hands.may_visit(file, Actor(id=both, kind="staff", unit="HOT", houses=frozenset({"HOT", UNIT})))


@pytest.mark.requirement("002-06")
@pytest.mark.requirement("004-42")
async def test_no_unit_is_in_use_without_a_liaison_and_none_is_switched_off_over_open_cases(seats: Seats) -> None:
    units = city.current().units.values()
    code = next(one.code for one in units if one.tier == 3 and one.kind == "functional" and one.is_on)
    admin = seats.sit("朱管理")
    alone, _ = await house.a_person("unit_liaison", unit=code, name="独联络")
    page = await house.get(admin, f"/people/{alone}/leave")
    assert "唯一的联络员" in page
    assert 'id="to-people"' in page
    await post(admin, f"/people/{alone}/leave", f"/people/{alone}")
    assert (await people.one(alone)).is_active
    grant = (await roster.grants(alone))[0]
    await post(admin, f"/people/{alone}/roles/{grant.id}/end", f"/people/{alone}")
    assert "请先给另一位同事联络员角色" in await house.get(admin, f"/people/{alone}")
    elsewhere = next(one.code for one in units if one.tier == 3 and one.kind == "functional" and one.is_on and
                     one.code not in (code, "CGB"))  # fmt: skip
    mover, _ = await house.a_person("agent", unit="HOT", name="兼联络")
    await roster.grant(mover, "unit_liaison", first=TODAY(), last=None, by=alone, unit=elsewhere)
    record = {"name": "兼联络", "unit": "GOV", "lang": "zh", "version": 1}
    await post(admin, f"/people/{mover}", f"/people/{mover}", **record)
    record = {"name": "独联络", "unit": "HOT", "lang": "zh", "version": 1}
    assert "唯一的联络员" in await post(admin, f"/people/{alone}", f"/people/{alone}", 409, **record)
    await post(admin, f"/admin/units/{code}/desk", f"/admin/units/{code}", 422, hours="25:00-26:00")
    await post(admin, f"/admin/units/{code}/desk", f"/admin/units/{code}", substitute=alone, hours="08:30-17:30")
    await post(admin, "/admin/units/NOPE/desk", f"/admin/units/{code}", 404, hours="")
    assert 'value="08:30-17:30"' in await house.get(admin, f"/admin/units/{code}")
    number = (await b.a_case("dispatched")).number
    await b.act("dispatcher", number, verbs.recall, b.lead, reason="另派")
    await b.act("dispatcher", number, verbs.dispatch, unit=code, profile="STD5")
    told = await row("SELECT zh FROM staff_notice WHERE person_id = $1 AND kind = 'dispatched'", alone)
    assert told["zh"] == f"{number} 已交由本单位办理，请签收"
    unit = city.current().units[code]
    off = {"name_zh": unit.name_zh, "name_en": unit.name_en, "parent": unit.parent or "", "step": "apply"}
    at = f"/admin/units/{code}"
    version = field(await house.get(admin, at), "version")
    page = await post(admin, at, at, 422, version=version, **off)
    assert f"手上还有 1 件在办，不能停用。请派单员先在“派单 · 单位在办”（/dispatch/units/{code}）里改派" in page
    there = f"/dispatch/units/{code}"
    assert (await admin.get(there)).status_code == 403
    client = seats.sit("孙派单")
    assert number in await house.get(client, there)
    assert 'id="e-unit"' in await post(client, there, there, 422, cases=number, unit=code, reason="停用")
    assert "没能改派" in await post(client, there, there, 409, cases=number, unit="130403005", reason="停用")
    await post(client, there, there, cases=number, unit=UNIT, reason="单位停用，改由属地承办")
    assert "可以停用了" in await house.get(client, there)
    assert "0 件已改派" in await house.get(client, await moved(client, there, cases=number, unit=UNIT, reason="停用"))
    assert moving.MOST + 10 < fields.MOST_FIELDS, "all that the page shows may be ticked"
    await house.get(client, f"/dispatch/units/{city.current().gone_units()[0]}")
    assert (await row("SELECT lead_unit FROM cases WHERE number = $1", number))["lead_unit"] == UNIT
    admin = seats.sit("朱管理")
    later = {**off, "from_day": TODAY() + timedelta(days=3)}
    assert "停用从当天起" in await post(admin, at, at, 422, version=version, **later)
    await post(admin, at, at, version=version, **off)
    assert not city.current().units[code].is_on
    await post(admin, f"/people/{alone}/leave", f"/people/{alone}")
    assert not (await people.one(alone)).is_active, "of a unit that is not in use the last liaison may go"


async def moved(client: httpx.AsyncClient, there: str, **data: object) -> str:
    """Where moving goes once it is done."""
    answer = await house.post(client, there, data, page=there)
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["location"]


HEAD = "登录名 login,姓名,单位,县区,角色,手机,邮箱,第一天,最后一天\n"


async def look(client: httpx.AsyncClient, text: str, status: int = 200) -> str:
    token, sent = await house.token(client, "/people/import"), ("people.csv", io.BytesIO(text.encode()), "text/csv")
    answer = await client.post("/people/import", data={"_token": token}, files={"sheet": sent})
    assert answer.status_code == status, answer.text[:2000]
    return house.checked(answer)


async def test_a_sheet_of_people_is_looked_at_line_by_line_and_twice_the_same_changes_nothing(seats: Seats) -> None:
    admin = seats.sit("朱管理")
    bad = (
        f"{HEAD}Bad Login,甲,NOPE,,unit_handler,,,,\nok.one,乙,CGB,,无此角色,123,x,,\n"
        "ok.two,丙,HOT,,回访员 审核员,,,,\nok.three,丁,双胞社区,,承办人,没有,,,\n"
    )
    for code in ("TWIN1", "TWIN2"):
        await city_verbs.add_unit(code, "双胞社区", "Twins", kind="functional", parent="CGB")
    await city.load()
    page = await look(admin, bad, 422)
    wrong = ("没有这个单位：NOPE", "没有这种角色：无此角色", "手机号不对", "邮箱地址不对", "会复核、审核自己做的回访",
             "有 2 个单位叫双胞社区，请写代码：TWIN1、TWIN2")  # fmt: skip
    for say in wrong:
        assert say in page, say
    assert "sheet-apply" not in page
    assert await row("SELECT 1 FROM person WHERE login = 'ok.one'") is None
    good = HEAD + "qi.yi,齐一,CGB,,承办人、单位联络员,13800000019,qi@example.com,,\nqi.yi,齐一,130403,,单位联络员,,,,\n"
    page = await look(admin, good)
    assert "授予单位联络员" in page
    kept = field(page, "kept")
    page = await post(admin, "/people/import/apply", "/people/import", 200, kept=kept)
    code = re.search(r"<td>qi\.yi</td><td><code>([^<]+)</code>", page)
    assert code
    again = await look(admin, good)
    assert "和现在一样，没有要改的" in again
    assert "sheet-apply" not in again
    page = await post(admin, "/people/import/apply", "/people/import", 200, kept=kept)
    code = re.search(r"<td>qi\.yi</td><td><code>([^<]+)</code>", page)
    assert code, "a second click enters nobody and shows slips that are good"
    held = await row(
        "SELECT count(*) AS n, array_agg(g.role || ' ' || g.unit ORDER BY g.role, g.unit) AS roles FROM role_grant g "
        "JOIN person p ON p.id = g.person_id WHERE p.login = 'qi.yi'"
    )
    assert held["roles"] == ["unit_handler ", "unit_liaison ", "unit_liaison 130403"]
    await person_reset.use("qi.yi", code[1], "a first password of 齐", "127.0.0.1")
    _, actor = await people.sign_in("qi.yi", "a first password of 齐", "127.0.0.1")
    assert (actor.unit, actor.roles) == ("CGB", frozenset({"unit_handler", "unit_liaison"}))
    sheet = (await admin.get("/people/export?as=csv")).text.lstrip("\ufeff")
    assert "qi.yi,齐一,CGB,,unit_handler unit_liaison" in sheet
    assert "13800000019" not in sheet
    lines = [one for one in sheet.splitlines() if one.startswith(("登录名", "qi.yi"))]
    assert "和现在一样" in await look(admin, "\n".join(lines))
    _, login = await house.a_person("county_office", unit=UNIT, jurisdiction=UNIT, name="钱县办")
    without = f"登录名,姓名,单位,角色\n{login},钱县办,{UNIT},县区热线办\n"
    assert "和现在一样" in await look(admin, without), "a sheet without the column changes nobody's county"


@pytest.mark.requirement("004-43")
async def test_the_coordination_office_reassigns_arbitrates_and_confirms_completion(seats: Seats) -> None:
    number = (await b.a_case("dispatched")).number
    await b.act("congtai", number, verbs.ask_return, b.lead, ground="function", suggested="CGB", basis="三定规定")
    await b.act("dispatcher", number, verbs.approve_return, b.lead)
    again = {"unit": UNIT, "matter": "", "reason": ""}
    where = f"/cases/{number}?act=dispatch"
    client = seats.sit("孙派单")
    form = hidden(await house.get(client, where), "dispatch")
    page = await post(client, f"/cases/{number}/dispatch", where, 409, **{**again, **form, "reason": "再派"})
    assert "由协调办公室写明理由再派" in page
    await seats.act("冯协调", number, "dispatch", where, **{**again, "reason": "协调裁定：仍由丛台区承办"})
    await b.act("congtai", number, verbs.sign, b.lead)
    recall = f"/cases/{number}?act=recall"
    share = re.search(r'<option value="([0-9a-f-]{36})"', await house.get(seats.sit("冯协调"), recall))
    assert share
    await seats.act("冯协调", number, "recall", recall, assignment=share[1], unit="130404", reason="跨区，改由复兴区办")
    assert (await row("SELECT lead_unit FROM cases WHERE number = $1", number))["lead_unit"] == "130404"
    done = (await b.a_case("handled")).number
    await seats.act("冯协调", done, "audit", f"/audit?case={done}", decision="approve")
    visit = f"/cases/{done}?act=visit"
    request = re.search(r'name="request" value="([^"]+)"', await house.get(seats.sit("冯协调"), visit))
    assert request
    talked = dict.fromkeys(("was_contacted", "is_solved", "is_truthful"), "yes")
    talked |= {"request": request[1], "outcome": "reached"}
    await seats.act("冯协调", done, "visits", visit, **talked)
    await seats.act("冯协调", done, "closure", f"/cases/{done}?act=close")
    assert (await row("SELECT state FROM cases WHERE number = $1", done))["state"] == "closed"


async def neither_is_the_others_second_pair_of_eyes(number: str, head: UUID, liaison: UUID, stranger: UUID) -> None:
    """Both stand among the hands of the case, and whoever acts for one of them does not visit it either."""
    share = await row("SELECT hands FROM assignment a JOIN cases c ON c.id = a.case_id WHERE c.number = $1", number)
    assert {head, liaison} <= set(share["hands"])
    case_id = (await row("SELECT id FROM cases WHERE number = $1", number))["id"]
    async with db.reading() as connection:
        file = await views.read(connection, case_id)
    for person in (head, liaison):
        assert not hands.may_visit(file, Actor(id=person, kind="staff", unit="HOT", roles=frozenset({"callback"})))
    other = Actor(id=stranger, kind="staff", unit="HOT", behalf=head)
    assert not hands.may_visit(file, other), "whoever acts for one of them does not either"


async def a_form_of_another_post_asks_first(client: httpx.AsyncClient, number: str, token: str) -> None:
    """A window opened before sitting down elsewhere signs nothing in the other's name unless its writer says so."""
    sent = {"_token": token, "way": "phone", "said": "已联系诉求人本人"}
    answer = await client.post(f"/cases/{number}/contact", data=sent)
    assert answer.status_code == 403
    page = house.checked(answer)
    assert "您现在代王负责" in page
    assert sent["said"] in page
    fresh = re.findall(r'name="_token" value="([0-9a-f]{64})"', page)
    assert fresh
    assert token not in fresh
    answer = await client.post(f"/cases/{number}/contact", data=sent, headers={"HX-Request": "true"})
    assert json.loads(answer.headers["hx-trigger"]) == {"newToken": fresh[-1]}


async def test_acting_for_the_head_puts_both_names_on_record_and_neither_is_the_others_second_pair_of_eyes(
    seats: Seats,
) -> None:
    head, liaison = seats.ids["王负责"], seats.ids["李联络"]
    number, days = (await b.a_case("dispatched")).number, {"first": TODAY(), "last": TODAY() + timedelta(days=2)}
    client = seats.sit("王负责")
    await post(client, "/approvals", "/approvals", needs_head="yes")
    stranger, _ = await house.a_person("unit_handler", unit="CGB")
    assert 'id="e-delegate"' in await post(client, "/acting", "/acting", 422, delegate=stranger, **days)
    late = {**days, "last": TODAY() + timedelta(days=120)}
    assert "一次最多 90 天" in await post(client, "/acting", "/acting", 422, delegate=liaison, **late)
    own = {"person": head, "delegate": seats.ids["朱管理"], **days}
    assert "不能给自己授权" in await post(seats.sit("朱管理"), "/acting", f"/acting?person={head}", 422, **own)
    client = seats.sit("王负责")
    await post(client, "/acting", "/acting", delegate=liaison, **days)
    client = seats.sit("李联络")
    assert "王负责请您代办" in await house.get(client, "/reminders")
    assert (await client.get("/approvals")).status_code == 403
    page = await house.get(client, "/posts")
    key = re.findall(r'name="post" value="([^"]+)"', page)[0]
    drawn_before = await house.token(client, "/work")
    await post(client, "/posts", "/posts", post=key)
    assert "您正在代王负责办理" in await house.get(client, f"/work?case={number}")
    await a_form_of_another_post_asks_first(client, number, drawn_before)
    assert "请负责人本人来改" in await post(client, "/approvals", "/approvals", 409, needs_head="")
    await seats.act("李联络", number, "sign-off")
    await post(client, "/posts", "/posts", post="")
    assert "您正在代" not in await house.get(client, "/work")
    await seats.act("李联络", number, "head-request", f"/work?case={number}&act=head_ask", **RESULT)
    await post(client, "/posts", "/posts", post=key)
    at = f"/approvals?case={number}"
    form = hidden(await house.get(client, at), "head-approval")
    assert "不能由您批准" in await post(client, f"/cases/{number}/head-approval", at, 409, **form)
    form = hidden(await house.get(client, at), "head-refusal")
    await post(client, f"/cases/{number}/head-refusal", at, reason="写明日期", **form)
    page = await house.get(client, f"/cases/{number}")
    assert re.search(r"李联络</strong><span class=\"behalf\">（代王负责）", page)
    english = await house.get(client, f"/cases/{number}?lang=en")
    assert "(for 王负责)" in english
    await neither_is_the_others_second_pair_of_eyes(number, head, liaison, stranger)
    async with db.reading() as connection:
        noted = await connection.fetchval("SELECT data FROM act WHERE kind = 'post_taken' ORDER BY seq DESC LIMIT 1")
    assert str(head) in noted
    client = seats.sit("王负责")
    ends = re.findall(r'action="(/acting/[^"]+/end)"', await house.get(client, "/acting"))
    await post(client, ends[0], "/acting")
    client = seats.sit("李联络")
    assert (await client.get("/approvals")).status_code == 403, "ended at once, in the open session too"
    assert "您正在代" not in await house.get(client, "/work")
    await post(seats.sit("王负责"), "/approvals", "/approvals")
    await whoever_moves_takes_no_lent_office_along(seats, days)


async def whoever_moves_takes_no_lent_office_along(seats: Seats, days: Mapping[str, object]) -> None:
    """The offices that somebody gets in another unit are lent to nobody whom they asked in the old one."""
    head = seats.ids["王负责"]
    await post(seats.sit("王负责"), "/acting", "/acting", delegate=seats.ids["李联络"], **days)
    assert "代王负责办理" in await house.get(seats.sit("李联络"), "/posts?lang=zh")
    at = f"/people/{head}"
    version = field(await house.get(seats.sit("朱管理"), at), "version")
    await post(seats.sit("朱管理"), at, at, name="王负责", unit="130404", lang="zh", version=version)
    assert "代王负责办理" not in await house.get(seats.sit("李联络"), "/posts")
