"""The dispatch catalogue in administration through HTTP: lines, what they move, what they answer, whole sheets."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from cases import verbs
from hotline import city, clock, db, people
from routing import book
from tests import builders
from tests.engines import Place
from tests.web import house
from web import access

PAGES = (
    "/admin/catalogue", "/admin/catalogue?q=路灯&place=130403&unit=CGB&day=2026-11-20", "/admin/catalogue?day=gestern",
    "/admin/catalogue/new", "/admin/catalogue/ask", "/admin/catalogue/gaps", "/admin/catalogue/import",
)  # fmt: skip
HEAD = ["matter", "place", "requester", "lead", "co_handlers", "tier", "route", "valid_from", "valid_to"]


@pytest.fixture(scope="module")
async def token(database: Place) -> str:
    """An open session of somebody of the coordination office."""
    _, login = await house.a_person("coordination", unit="GOV", name="冯军")
    return (await people.sign_in(login, house.PASSWORD, "127.0.0.1"))[0]


@pytest.fixture
def coordination(client: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    """``client`` is the browser of the coordination office."""
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    return client


def form(**change: Any) -> dict[str, Any]:
    """A new line as it is typed: street lights in 丛台区 go to the city's own bureau."""
    return {
        "matter": "020201", "place": "130403", "requester": "-", "lead": "CGB", "route": "FUNC", "tier": "",
        "valid_from": str(clock.today()), "step": "apply", **change,
    }  # fmt: skip


async def added(client: httpx.AsyncClient, **change: Any) -> httpx.Response:
    """The answer to a new line."""
    return await house.post(client, "/admin/catalogue/new", form(**change), page="/admin/catalogue/new")


def hidden(page: str, name: str) -> str:
    """What the first hidden field of that name holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def sheet(*rows: list[object]) -> bytes:
    """A workbook with our head."""
    made = Workbook()
    made.active.append(HEAD)
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def sent(client: httpx.AsyncClient, data: bytes, **change: str) -> httpx.Response:
    """The answer to an uploaded sheet."""
    given = {"from_day": str(clock.today()), "basis": "市政府办〔2026〕8 号", **change}
    files = {"sheet": ("目录.xlsx", data, "application/octet-stream")}
    return await house.post(client, "/admin/catalogue/import", given, page="/admin/catalogue/import", files=files)


async def test_every_page_of_the_catalogue_opens_for_who_may_and_for_nobody_else(
    coordination: httpx.AsyncClient,
) -> None:
    for path in PAGES:
        await house.get(coordination, path)
    assert "目录里还没有行" in await house.get(coordination, "/admin/catalogue")
    async with house.signed_in(coordination, "dispatcher"):
        assert (await coordination.get("/admin/catalogue")).status_code == 403


async def test_a_new_line_shows_first_which_open_cases_it_would_move_and_moves_none(
    coordination: httpx.AsyncClient,
) -> None:
    case = await builders.a_receipt(matter="020201")
    answer = await added(coordination, step="preview")
    assert answer.status_code == 200
    assert "1 件在办的会换单位" in answer.text
    assert case.number in answer.text
    assert "不会自动改派" in answer.text
    assert not book.current().versions(("020201", "130403", "")), "a preview writes nothing"
    answer = await added(coordination, basis="市编办〔2026〕3 号")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/catalogue/lines/020201.130403.-")
    row = await db.pool().fetchrow("SELECT lead_unit FROM cases WHERE number = $1", case.number)
    assert row["lead_unit"] == "130403", "what is dispatched stays"
    later = await builders.a_receipt(matter="020201")
    row = await db.pool().fetchrow("SELECT lead_unit FROM cases WHERE number = $1", later.number)
    assert row["lead_unit"] == "CGB", "what comes now follows the line"
    page = await house.get(coordination, "/admin/catalogue/lines/020201.130403.-")
    assert "市编办〔2026〕3 号" in page
    assert "改派单目录 路灯不亮 · 丛台区" in page
    assert (await added(coordination)).status_code == 422, "a second line for the same is an overlap"


async def test_a_version_from_a_day_on_leaves_the_days_before_as_they_were(coordination: httpx.AsyncClient) -> None:
    path, later = "/admin/catalogue/lines/020201.130403.-", clock.today() + timedelta(days=7)
    page = await house.get(coordination, path)
    edit = {
        "lead": "TRA", "route": "FUNC", "tier": "", "valid_from": str(later), "version": hidden(page, "version"),
        "co_handlers": "市园林局、CON",
    }  # fmt: skip
    assert (await house.post(coordination, path, edit | {"step": "apply"})).status_code == 303
    assert (await house.post(coordination, path, edit | {"step": "apply"})).status_code == 409, "an old form"
    for day, unit in ((clock.today(), "市城市管理和综合行政执法局"), (later, "市交通运输局")):
        asked = f"/admin/catalogue/ask?matter=020201&place=130403&requester=person&day={day}"
        told = await house.get(coordination, asked)
        assert f'id="answer-title">{unit}' in told
    assert "市园林局" in told
    planned = next(one for one in book.current().versions(("020201", "130403", "")) if one.valid_from == later)
    page = await house.get(coordination, path)
    ending = {"line": planned.id, "last_day": str(clock.today()), "version": hidden(page, "version")}
    assert "r-moves" in (await house.post(coordination, f"{path}/end", ending | {"step": "preview"})).text
    assert (await house.post(coordination, f"{path}/end", ending | {"step": "apply"})).status_code == 303
    assert "已撤回" in await house.get(coordination, path)


@pytest.mark.requirement("003-06")
@pytest.mark.requirement("000-27")
async def test_a_township_leads_by_a_line_and_its_county_while_the_township_is_switched_off(
    coordination: httpx.AsyncClient,
) -> None:
    answer = await added(coordination, matter="0101", place="130403005", lead="PLACE", tier="4", route="TERR")
    assert answer.status_code == 303
    ask = "/admin/catalogue/ask?matter=010105&place=130403005"
    assert "丛台区人民政府" in await house.get(coordination, ask)
    await db.pool().execute("UPDATE unit SET is_on = true WHERE code = '130403005'")
    await city.refresh()
    told = await house.get(coordination, ask)
    assert 'id="answer-title">丛台东街道' in told
    assert "目录行" in told
    case = await builders.a_receipt()
    where = {"matter": "010105", "county": "130403", "township": "130403005"}
    await builders.act("agent", case.number, verbs.accept, **where, summary="某小区申请列入改造。")
    row = await db.pool().fetchrow("SELECT lead_unit FROM cases WHERE number = $1", case.number)
    assert row["lead_unit"] == "130403005"


WRONG = (
    ("matter", "77"), ("place", "130421"), ("lead", "XYZ"), ("lead", "130403006"), ("co_handlers", "CGB"),
    ("co_handlers", "谁"), ("route", "X"), ("valid_from", "2020-01-01"), ("valid_from", ""),
    ("valid_to", "2020-01-01"), ("valid_to", "9999-12-31"),
)  # fmt: skip


async def test_a_line_that_cannot_stand_comes_back_filled_in_with_the_field_marked(
    coordination: httpx.AsyncClient,
) -> None:
    for field, typed in WRONG:
        answer = await added(coordination, **{"matter": "020301", "basis": "会议纪要", field: typed})
        assert answer.status_code == 422, (field, typed)
        assert f'href="#f-{field}"' in answer.text
        assert "会议纪要" in answer.text


async def test_addresses_and_days_that_are_none_are_answered_and_not_stumbled_over(
    coordination: httpx.AsyncClient,
) -> None:
    await house.get(coordination, "/admin/catalogue?after=%C2%B2")
    assert (await coordination.get("/admin/catalogue/lines/%00.-.-")).status_code == 404
    await added(coordination, matter="020303")
    number = next(one.id for one in book.current().lines if one.matter == "020303")
    where = "/admin/catalogue/lines/020303.130403.-"
    mark = hidden(await house.get(coordination, where), "version")
    given = {"line": str(number), "last_day": "9999-12-31", "version": mark}
    for step in ("preview", "save"):
        answer = await house.post(coordination, f"{where}/end", {**given, "step": step}, page=where)
        assert answer.status_code == 422
        assert "2199-12-31" in answer.text


async def test_a_bad_sheet_is_refused_whole_each_fault_by_its_cell(coordination: httpx.AsyncClient) -> None:
    before = book.current().version
    answer = await sent(coordination, sheet(
        [990101, "*", "*", "CGB", "", "", "FUNC", "", ""], ["020301", "130421", "*", "GDN", "", "", "TERR", "", ""],
        ["020302", "*", "*", "GDN", "", "", "FUNC", "2026-02-30", ""],
        ["0204", "*", "*", "CGB", "", "", "FUNC", "", ""],
        ["0204", "*", "*", "TRA", "", "", "FUNC", "", ""], ["0205", "*", "*", "CGB", "XX", "", "FUNC", "", ""],
    ))  # fmt: skip
    assert answer.status_code == 422
    assert re.findall(r"<tr><td><strong>([A-Z]\d+)", answer.text) == ["A2", "B3", "H4", "A6", "E7"]
    assert "丛台区" in answer.text, "an abolished county's successors are named"
    assert "市政府办〔2026〕8 号" in answer.text, "the form comes back"
    assert (await book.refresh()).version == before
    bad = ((b"", "空的"), (b"PK\x03\x04broken", "打不开"), (b"a,b\r\n1,2", "缺这些列"), (b"\xff\x00", "不是"))
    for data, say in bad:
        answer = await sent(coordination, data)
        assert answer.status_code == 422
        assert say in answer.text
    day = {"from_day": str(clock.today())}
    answer = await house.post(coordination, "/admin/catalogue/import", day, page="/admin/catalogue/import")
    assert "还没选" in answer.text
    assert (await sent(coordination, b"x" * 2_500_000)).status_code in (413, 422)


async def test_a_good_sheet_is_shown_then_put_in_force_by_a_second_click_and_comes_out_again_as_it_was(
    coordination: httpx.AsyncClient,
) -> None:
    case = await builders.a_receipt(matter="020301")
    later = clock.today() + timedelta(days=30)
    data = sheet(
        ["020301", "130403", "*", "GDN", "CGB", "", "FUNC", "", ""],
        [20201, "*", "enterprise", "DRC", "", "", "FUNC", later, ""],
    )
    answer = await sent(coordination, data)
    assert answer.status_code == 303, answer.text
    where = answer.headers["location"]
    page = await house.get(coordination, where)
    assert "市园林局" in page
    assert case.number in page
    assert re.search(r'id="ended"', page), "lines that the sheet does not have end"
    await db.pool().execute("UPDATE routing_version SET version = version + 1")
    stale = await house.post(coordination, where, page=where)
    assert stale.status_code == 409
    assert 'id="changed"' in stale.text
    assert (await house.post(coordination, where, page=where)).status_code == 303
    assert (await coordination.get(where)).status_code == 404, "a sheet is put in force once"
    standing = {one.key: one.lead for one in book.current().lines if one.is_on(clock.today())}
    assert standing == {("020301", "130403", ""): "GDN"}
    out = await coordination.get("/admin/catalogue/export")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(out.content)).active]
    assert [row[0] for row in rows[1:]] == ["020201", "020301"], "planned lines too, leading zeros kept"
    answer = await sent(coordination, out.content)
    assert "和现在的目录一样" in await house.get(coordination, answer.headers["location"])
    text = (await coordination.get("/admin/catalogue/export?as=csv")).content.decode("utf-8-sig")
    assert text.splitlines()[2].startswith("020301,树木倒伏危树,130403,丛台区,*,GDN,市园林局,CGB,3,FUNC,")


async def test_the_check_says_that_nobody_is_without_a_unit_and_who_is_when_a_county_is_switched_off(
    coordination: httpx.AsyncClient,
) -> None:
    assert "没有缺口" in await house.get(coordination, "/admin/catalogue/gaps")
    await db.pool().execute("UPDATE unit SET is_on = false WHERE code = '130425'")
    await city.refresh()
    page = await house.get(coordination, "/admin/catalogue/gaps")
    assert "没有单位" in page
    assert "大名县" in page
    refused = await sent(coordination, sheet(["020301", "130425", "*", "PLACE", "", "", "TERR", "", ""]))
    assert refused.status_code == 422
    assert "<strong>D2</strong>" in refused.text
    await db.pool().execute("UPDATE unit SET is_on = true WHERE code = '130425'")
    await city.refresh()

