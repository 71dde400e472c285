"""Administration of the city as data through HTTP: matters, lines and days, and what a change of them moves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from hotline import city, clock, db, rebuild
from sla import recompute
from tests import builders
from tests.web import house, test_desk
from tests.web.administration import field, instead, noted, row

NEXT = clock.today().year + 1


async def promised(number: str) -> dict[str, object]:
    """The due moments of the case's running clocks by stage."""
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT stage, due_at FROM clock k JOIN cases c ON c.id = k.case_id WHERE number = $1 AND outcome IS NULL",
            number,
        )
    return {one["stage"]: one["due_at"] for one in rows}


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
     ({"first": f"{NEXT}-03-03", "last": f"{NEXT}-03-01", "kind": "rest"}, "last"),
     ({"first": "9999-12-31", "kind": "rest"}, "first"), ({"first": "1800-01-01", "kind": "rest"}, "first"),
     ({"first": f"{NEXT}-03-03", "last": "9999-12-31", "kind": "rest"}, "last"),
     ({"first": f"{NEXT}-03-03", "kind": ""}, "kind"),
     ({"first": f"{NEXT}-03-03", "kind": "rest"}, "name_zh"),
     ({"first": f"{NEXT}-03-03", "last": f"{NEXT}-05-03", "kind": "rest"}, "last")],
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
