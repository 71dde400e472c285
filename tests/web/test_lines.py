"""The line registry through HTTP: hours, plans that come into force alone, figures, numbers never merged, transfers."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from cases import verbs
from channels.message import Inbound
from hotline import acts, city, clock, db
from sla import line_figures
from tests import builders as b
from tests.web import house, test_desk

pytestmark = pytest.mark.anyio
NEW = {"name_zh": "城管热线", "name_en": "City line", "unit": "CGB", "state": "planned", "mode": "MERGED"}


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> AsyncIterator[UUID]:
    """The client is an administrator."""
    async with house.signed_in(client, "admin") as one:
        yield one
    await city.refresh()


async def registered(client: httpx.AsyncClient, number: str, **change: str) -> None:
    """A new line by the form."""
    answer = await house.post(client, "/admin/lines/new", {**NEW, "number": number, **change}, page="/admin/lines/new")
    assert answer.status_code == 303, answer.text


async def plan_form(client: httpx.AsyncClient, number: str, **days: object) -> dict[str, object]:
    """The plan's form as it is drawn, with days."""
    page = await house.get(client, f"/admin/lines/{number}/plan")
    found = re.search(r'name="version" value="(\w+)"', page)
    assert found, page
    return {"version": found[1], "connected_mode": "SUBCENTRE", **{name: str(day) for name, day in days.items()}}


@pytest.mark.requirement("001-03")
async def test_a_plan_with_dates_takes_effect_by_itself_and_can_be_taken_back(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await registered(client, "96201")
    today = clock.today()
    days = {"dual_on": today + timedelta(10), "merged_on": today + timedelta(40), "retired_on": today + timedelta(400)}
    form = await plan_form(client, "96201", **days)
    preview = await house.post(client, "/admin/lines/96201/plan", {**form, "step": "preview"})
    assert preview.status_code == 200
    assert "不用再操作" in preview.text
    assert (await house.post(client, "/admin/lines/96201/plan", {**form, "step": "apply"})).status_code == 303
    page = await house.get(client, "/admin/lines/96201/plan")
    assert [page.count(str(day)) > 0 for day in days.values()] == [True] * 3
    for day, state in ((today, "planned"), (days["dual_on"], "dual"), (days["merged_on"], "merged"),
                       (days["retired_on"], "retired")):  # fmt: skip
        with clock.at(clock.on(day, 0, 1)):
            await city.refresh()
            assert city.current().lines["96201"].state == state
            assert ("96201" in city.current().open_lines) is (state in {"dual", "merged"})
    await city.refresh()
    assert "96201" in (await house.get(client, "/admin/lines")).split('id="coming-title"')[1]
    gone = await house.post(client, f"/admin/lines/96201/plan/{days['merged_on']}/withdrawal")
    assert gone.status_code == 303
    with clock.at(clock.on(days["retired_on"], 9)):
        await city.refresh()
        assert city.current().lines["96201"].state == "dual", "what came after the step went with it"
    await city.refresh()
    async with db.reading() as connection:
        kinds = [one.kind for one in await acts.recent(connection, subject="line:96201")]
    assert kinds == ["line_plan_withdrawn", "line_planned", "line_planned", "line_planned", "line_registered"]


async def test_a_plan_out_of_order_or_in_the_past_gives_the_form_back(client: httpx.AsyncClient, admin: UUID) -> None:
    await registered(client, "96202")
    today = clock.today()
    for wrong, field in (
        ({}, "dual_on"),
        ({"dual_on": today + timedelta(9), "merged_on": today + timedelta(9)}, "merged_on"),
        ({"dual_on": today - timedelta(1)}, "dual_on"),
        ({"merged_on": today + timedelta(9), "connected_on": today + timedelta(10)}, "connected_on"),
    ):
        form = await plan_form(client, "96202", **wrong)
        answer = await house.post(client, "/admin/lines/96202/plan", {**form, "step": "apply"})
        assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True), wrong
    assert (await house.post(client, "/admin/lines/96202/plan/2031-13-01/withdrawal")).status_code == 404
    assert (await house.post(client, f"/admin/lines/96202/plan/{today}/withdrawal")).status_code == 404
    host = await plan_form(client, "12319", retired_on=today + timedelta(5)) | {"step": "apply"}
    assert (await house.post(client, "/admin/lines/12319/plan", {**host, "version": "other"})).status_code == 409
    assert "没有接入计划" in await house.get(client, "/admin/lines/12345/plan")


async def test_hours_are_checked_shown_and_asked(client: httpx.AsyncClient, admin: UUID) -> None:
    answer = await house.post(
        client, "/admin/lines/new", {**NEW, "number": "96203", "hours": "always"}, page="/admin/lines/new"
    )
    assert (answer.status_code, 'id="e-hours"' in answer.text) == (422, True)
    assert "always" in answer.text
    await registered(client, "96203", state="merged", hours="mo-fr 9-17".replace("mo-fr 9-17", "Mo-Fr 09:00 - 17:00"))
    line = city.current().lines["96203"]
    assert line.hours == "Mo-Fr 09:00-17:00"
    page = await house.get(client, "/admin/lines/96203")
    assert "周一至周五 09:00-17:00" in page
    assert "现在请拨打 12345" in page
    wednesday = date(2026, 12, 2)
    assert city.current().is_answering("96203", clock.on(wednesday, 9))
    assert not city.current().is_answering("96203", clock.on(wednesday, 17))
    assert city.current().is_answering("961890", clock.on(wednesday, 3)), "the alias of 12345, at any hour"
    assert not city.current().is_answering("96xxx", clock.on(wednesday, 9)), "planned"


async def test_a_retired_number_says_good_bye_and_the_desk_offers_it_no_more(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    await registered(client, "96204", state="merged")
    form = {**NEW, "state": "retired", "farewell_zh": "本号码已停用，请拨 12345。", "step": "preview"}
    page = await house.get(client, "/admin/lines/96204")
    form["version"] = re.findall(r'name="version" value="(\w+)"', page)[0]
    preview = await house.post(client, "/admin/lines/96204", form)
    assert "本号码已停用，请拨 12345。" in preview.text.split('id="r-moves"')[1]
    assert (await house.post(client, "/admin/lines/96204", {**form, "step": "apply"})).status_code == 303
    line = city.current().line("96204")
    assert line is not None
    assert (line.state, line.farewell.zh) == ("retired", "本号码已停用，请拨 12345。")
    assert "96204 is no longer in service" in line.farewell.en
    async with house.signed_in(client, "agent", unit="HOT"):
        assert "96204" not in (await house.get(client, "/desk")).split('name="line"')[1].split("</select>")[0]


@pytest.mark.requirement("004-03")
@pytest.mark.parametrize(
    "number", ["12388", "12380", "12309", "12368", "12389", "12337", "12339", "１２３８８", "0310-12388"]
)
async def test_a_number_with_a_channel_of_its_own_by_law_is_refused_as_a_line_and_the_try_is_noted(
    client: httpx.AsyncClient, admin: UUID, number: str
) -> None:
    answer = await house.post(client, "/admin/lines/new", {**NEW, "number": number}, page="/admin/lines/new")
    assert (answer.status_code, "依法自行受理，不并入热线" in answer.text) == (422, True)
    answer = await house.post(
        client, "/admin/lines/new", {**NEW, "number": "96299", "aliases": number}, page="/admin/lines/new"
    )
    assert (answer.status_code, 'id="e-aliases"' in answer.text) == (422, True)
    async with db.reading() as connection:
        plain = number.replace("１２３８８", "12388").removeprefix("0310-")
        assert (await acts.recent(connection, subject=f"line:{plain}"))[0].kind == "line_refused"
    assert "96299" not in city.current().lines


async def figures(client: httpx.AsyncClient, path: str) -> dict[tuple[str, str], dict[str, int]]:
    """The CSV of a page of figures by dimension and key."""
    answer = await client.get(f"{path}?as=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    names = ("requests", "cases", "open", "on_time", "late", "rated", "satisfied")
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return {(row["dimension"], row["key"]): {name: int(row[name]) for name in names} for row in rows}


async def test_the_figures_of_all_lines_add_up_to_the_whole(client: httpx.AsyncClient, admin: UUID) -> None:
    await b.a_receipt(line="12333", channel="phone", county="130402")
    await b.a_receipt(line="961890", channel="phone", kind="enquiry", matter="")
    rated = await b.a_case("visited", line="12315", channel="phone")
    await b.act("callback", rated.number, verbs.close)
    whole = await figures(client, "/admin/lines/figures")
    total = whole["whole", ""]
    assert total["cases"] >= 3
    for dimension in ("line", "period", "kind", "state", "county"):
        parts = [row for (name, _), row in whole.items() if name == dimension]
        for column in total:
            if dimension != "state" or column not in {"requests", "rated", "satisfied"}:
                assert sum(row[column] for row in parts) == total[column], (dimension, column)
    summed: dict[str, int] = dict.fromkeys(total, 0)
    for number in sorted({key for name, key in whole if name == "line"}):
        own = await figures(client, f"/admin/lines/{number}/figures")
        assert own["whole", ""] == whole["line", number]
        summed = {column: n + own["whole", ""][column] for column, n in summed.items()}
    assert summed == total
    assert whole["line", "12315"]["on_time"] == 1
    assert ("line", "961890") not in whole, "an old number is its line's"
    page = await house.get(client, "/admin/lines/12315/figures?by=month")
    assert "没有来电数据" in page or "15 秒内接通" in page
    for wrong in ("since=x", "since=2026-12-01&until=2026-11-01", "since=1900-01-01", "until=9999-12-31"):
        assert "三年" in await house.get(client, f"/admin/lines/figures?{wrong}", status=422)
    assert (await client.get("/admin/lines/99999/figures")).status_code == 404


async def test_a_county_sees_the_figures_of_its_own_cases_only(client: httpx.AsyncClient) -> None:
    await b.a_receipt(line="12369", county="130403", place="")
    await b.a_receipt(line="12369", county="130402", place="")
    async with house.signed_in(client, "county_office", unit="130403", jurisdiction="130403"):
        own = await figures(client, "/board/lines/12369/figures")
    assert {key for name, key in own if name == "county"} == {"130403"}
    async with house.signed_in(client, "agent", unit="HOT"):
        assert (await client.get("/board/lines/figures")).status_code == 403


@pytest.mark.requirement("004-03")
async def test_the_desk_says_what_to_tell_who_belongs_elsewhere_and_the_case_closes_as_statutory_channel(
    client: httpx.AsyncClient,
) -> None:
    words = "反映村支书收红包，想举报到纪委。"
    async with house.signed_in(client, "agent", unit="HOT"):
        strip = await house.post(client, "/desk/proposals", test_desk.a_call(words=words), page="/desk", is_htmx=True)
        assert "纪检监察" in strip.text
        assert "请拨打 12388" in strip.text
        filled = await house.post(client, "/desk", test_desk.a_call(words=words, refer="12388"), page="/desk")
        assert filled.status_code == 200
        assert 'value="12388 纪检监察举报"' in filled.text
        assert re.search(r'value="statutory_channel" selected', filled.text)
        number, _ = await test_desk.said(client, words=words, outcome="decline", related="12388")
        page = await house.get(client, f"/cases/{number}")
    case = await test_desk.row(number)
    assert (case["state"], case["close_reason"], case["is_open"]) == ("declined", "statutory_channel", False)
    assert "12388 纪检监察举报" in page
    assert "党员、干部和监察对象违纪违法" in page


async def test_a_partners_number_in_the_words_fills_the_transfer_in(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        call = test_desk.a_call(words="整个小区停电两小时了。", refer="95598")
        filled = await house.post(client, "/desk", call, page="/desk")
        assert re.search(r'id="f-target"[^>]* value="95598"', filled.text)
        assert re.search(r'id="f-outcome-transfer"[^>]* checked', filled.text)
        own = await house.post(client, "/desk/proposals", test_desk.a_call(line="12351"), page="/desk", is_htmx=True)
        assert 'id="refer-12351"' in own.text, "a line that others answer"
        plain = await house.post(client, "/desk/proposals", test_desk.a_call(), page="/desk", is_htmx=True)
        assert "related-strip" not in plain.text


async def tabs_without(client: httpx.AsyncClient, number: str) -> None:
    """No working list of the centre holds the case."""
    for path in ("/cases", "/cases?sort=new", "/cases?state=registered", "/cases?state=accepted", "/cases?band=today",
                 "/cases?band=overdue", "/cases?state=callback", "/dispatch"):  # fmt: skip
        assert number not in (await client.get(path)).text, path


@pytest.mark.requirement("004-03")
async def test_an_emergency_leaves_a_transfer_record_and_stands_in_no_working_list(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", "dispatcher", unit="HOT"):
        number, _ = await test_desk.said(client, words="有人翻窗进屋", line="12315", emergency="110", reference="")
        await tabs_without(client, number)
        page = await house.get(client, "/transfers")
        row = next(one for one in page.split("<tr ") if f">{number}<" in one)
        assert "110 公安报警" in row
        assert "12315" in row
        assert number in await house.get(client, "/transfers?target=110&line=12315")
        assert number not in await house.get(client, "/transfers?target=119")
        assert "还没有转接过" not in page
    async with house.signed_in(client, "unit_handler", unit="SAM"):
        assert number not in await house.get(client, "/transfers")


@pytest.mark.requirement("004-03")
@pytest.mark.parametrize(
    ("door", "more", "target"),
    [
        ("sms", {"words": "救命！人民路88号有人持刀"}, "110"),
        ("wechat", {"words": "119 和平小区3号楼着火了"}, "119"),
        ("web", {"words": "有人晕倒", "emergency": "120"}, "120"),
    ],
)
async def test_a_message_marked_as_an_emergency_is_transferred_at_once_whatever_its_door(
    client: httpx.AsyncClient, door: str, more: dict[str, Any], target: str
) -> None:
    receipt = await b.a_receipt(channel=door, matter="020201", **more)
    case = await test_desk.row(receipt.number)
    assert (case["state"], case["is_open"], case["lead_unit"]) == ("transferred", False, None)
    async with house.signed_in(client, "agent", "dispatcher", unit="HOT"):
        await tabs_without(client, receipt.number)
        assert receipt.number in await house.get(client, f"/transfers?target={target}")


@pytest.mark.parametrize("words", ["110国道坑洼", "120 元的停车费太贵", "报警电话打不通怎么办", "着火了的那栋楼没人修"])
async def test_words_that_only_look_like_an_emergency_stay_an_ordinary_case(database: object, words: str) -> None:
    receipt = await b.a_receipt(channel="sms", words=words)
    assert (await test_desk.row(receipt.number))["state"] == "registered"


@pytest.mark.requirement("004-03")
@pytest.mark.parametrize("words", ["楼道起火", ""])
async def test_danger_on_the_web_form_ends_the_questions_and_shows_the_number_to_call(
    client: httpx.AsyncClient, words: str
) -> None:
    await house.post(client, "/ask", {"kind": "assistance"}, page="/ask")
    wrong = await house.post(client, "/ask/what", {"words": "楼道起火", "danger": "12345"}, page="/ask/what")
    assert wrong.status_code == 422
    sent = await house.post(client, "/ask/what", {"words": words, "danger": "119"}, page="/ask/what")
    assert (sent.status_code, sent.headers["location"]) == (303, "/ask/sent")
    page = await house.get(client, "/ask/sent")
    assert "请立即拨打 119" in page
    number = re.findall(r'id="number">([\d-]+)<', page)[0]
    from channels import intake

    await intake.make_all()
    case = await test_desk.row(number)
    assert (case["state"], case["is_open"]) == ("transferred", False)
    client.cookies.clear()


@pytest.mark.requirement("004-02")
async def test_the_registry_holds_23_lines_and_a_request_on_any_by_any_door_is_in_one_queue_with_its_line(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    from hotline import seeds

    columns, records = seeds.rows("lines.csv")
    numbers = {record[columns.index("number")] for record in records}
    assert len(numbers) == 23
    listed = set(re.findall(r'<tr id="row-(\w+)">', await house.get(client, "/admin/lines")))
    assert numbers <= listed
    doors = ("phone", "sms", "wechat", "web", "email")
    made = {}
    for n, line in enumerate(sorted(numbers & set(city.current().open_lines))):
        made[line] = (await b.a_receipt(line=line, channel=doors[n % len(doors)], provider_id=str(uuid4()))).number
    assert len(made) == 22, "the placeholder has no number yet"
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        queue = await house.get(client, "/cases?sort=new")
        for line, number in made.items():
            assert number in queue
            assert number in await house.get(client, f"/cases?sort=new&line={line}")


def test_a_message_carries_no_emergency_unless_it_is_marked() -> None:
    assert Inbound(channel="web", provider_id="1", words="x").emergency == ""


async def test_the_city_writes_what_the_agent_says_of_a_number_and_the_desk_says_it(
    client: httpx.AsyncClient, admin: UUID
) -> None:
    page = await house.get(client, "/admin/numbers/12380")
    form = {"say_zh": "请打 12380。", "say_en": "Call 12380.", "clues": "买官 提拔不公，干部选拔",
            "version": re.findall(r'name="version" value="(\w+)"', page)[0]}  # fmt: skip
    wrong = await house.post(client, "/admin/numbers/12380", {**form, "say_zh": "", "clues": "官"})
    assert (wrong.status_code, 'id="e-say_zh"' in wrong.text) == (422, True)
    wrong = await house.post(client, "/admin/numbers/12380", {**form, "clues": "官"})
    assert (wrong.status_code, 'id="e-clues"' in wrong.text) == (422, True)
    assert (await house.post(client, "/admin/numbers/12380", form)).status_code == 303
    assert (await house.post(client, "/admin/numbers/12380", form)).status_code == 409
    page = await house.get(client, "/admin/numbers/12380")
    form["version"] = re.findall(r'name="version" value="(\w+)"', page)[0]
    said = ({**form, "say_en": f"Do call 12380, {n}."} for n in range(2))
    both = await asyncio.gather(*(house.post(client, "/admin/numbers/12380", one) for one in said))
    assert sorted(one.status_code for one in both) == [303, 409], "neither overwrites the other unseen"
    assert (await client.get("/admin/numbers/10086")).status_code == 404
    async with db.reading() as connection:
        assert (await acts.recent(connection, subject="number:12380"))[0].kind == "number_told"
    async with house.signed_in(client, "agent", unit="HOT"):
        strip = await house.post(
            client, "/desk/proposals", test_desk.a_call(words="单位提拔不公"), page="/desk", is_htmx=True
        )
    assert "请打 12380。" in strip.text


async def test_the_desk_says_how_to_open_on_the_line_that_was_chosen(client: httpx.AsyncClient) -> None:
    async with house.signed_in(client, "agent", unit="HOT"):
        told = await house.post(client, "/desk/line", test_desk.a_call(line="12351"), page="/desk", is_htmx=True)
        assert "12351职工维权热线，请讲" in told.text
        assert "由对方接，可转 12351" in told.text
        plain = await house.post(client, "/desk/line", test_desk.a_call(line="12345"), page="/desk", is_htmx=True)
        assert "由对方接" not in plain.text


async def test_the_calls_of_a_line_are_counted_where_there_is_a_telephone(database: object) -> None:
    today = clock.today()
    asked = line_figures.Asked(since=today, until=today, line="12315")
    async with db.atomic() as connection:
        if not await connection.fetchval("SELECT to_regclass('call') IS NOT NULL"):
            assert await line_figures.calls(connection, asked) is None
            await connection.execute(
                "CREATE TEMP TABLE call (line text, direction text, queued_at timestamptz, answered_at timestamptz, "
                "answer_s integer) ON COMMIT DROP"
            )
            await connection.executemany(
                "INSERT INTO call VALUES ($1, $2, $3, $4, $5)",
                [("12315", "in", clock.now(), clock.now(), 9), ("12315", "in", clock.now(), clock.now(), 40),
                 ("12315", "in", clock.now(), None, None), ("12333", "in", clock.now(), clock.now(), 1),
                 ("12315", "out", clock.now(), clock.now(), 1)],
            )  # fmt: skip
            assert await line_figures.calls(connection, asked) == line_figures.Calls(calls=3, answered=2, in_time=1)
        else:
            assert await line_figures.calls(connection, asked) == line_figures.Calls(calls=0, answered=0, in_time=0)
