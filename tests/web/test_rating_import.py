"""Ratings from elsewhere: a sheet tried, taken in once, refused row by row, shown apart, and given out again."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from cases import grades, verbs
from cases.outside_sheet import MOST_ROWS
from cases.states import GRADES
from hotline import clock, db
from tests import builders as b
from tests.web import house, seats

pytestmark = pytest.mark.anyio
HEAD = "编号,单位,窗口,日期,评价,姓名\n"
TODAY = clock.today()
GOOD = HEAD + (
    f"a1,CGB,3 号窗口,{TODAY},非常满意,欧阳秋实\n"
    f"a2,市城市管理和综合行政执法局,3 号窗口,{TODAY:%Y/%m/%d},满意,\n"
    f"a3,130403,,{TODAY},非常不满意,\n"
    f"a3,130403,,{TODAY},非常不满意,\n"
)
BAD = HEAD + (
    f",CGB,,{TODAY},满意,\n"
    f"b1,没有这个局,,{TODAY},满意,\n"
    f"b2,CGB,,{TODAY},一般,\n"
    f"b3,CGB,,{TODAY},5,\n"
    "b4,CGB,,2999-01-01,满意,\n"
    "b5,CGB,,昨天,满意,\n"
    f"b6,CGB,,{TODAY},,\n"
    f"b7,CGB,,{TODAY},满意,\n"
    f"b7,CGB,,{TODAY},不满意,\n"
)
REASONS = ["no_id", "unit", "grade", "digit", "future", "day", "no_grade", "twice"]


def numbers(page: str) -> tuple[str, ...]:
    return tuple(re.findall(r'id="n-(?:made|known|refused)">([^<]+)<', page))


async def sent(client: httpx.AsyncClient, data: bytes, name: str = "评价.csv", **change: str) -> httpx.Response:
    given = {"kind": "counter", "source": "市政务大厅好差评", "scale": "five", "step": "import", **change}
    files = {"sheet": (name, data, "text/csv")}
    return await house.post(client, "/ratings/import", given, page="/ratings/import", files=files)


async def kept(source: str) -> list[dict[str, Any]]:
    sql = "SELECT source_no, unit, scale, raw, grade, score FROM outside_rating WHERE source = $1 ORDER BY source_no"
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql, source)]


@pytest.mark.requirement("003-04")
@pytest.mark.requirement("001-12")
async def test_a_sheet_is_tried_then_taken_in_and_a_second_run_makes_nothing(client: httpx.AsyncClient) -> None:
    async with seats.taken(client, "coordination", unit="GOV"):
        tried = await sent(client, GOOD.encode(), step="try")
        assert numbers(tried.text) == ("3", "0", "0")
        assert await kept("市政务大厅好差评") == []
        assert numbers((await sent(client, GOOD.encode())).text) == ("3", "0", "0")
        assert numbers((await sent(client, GOOD.encode("gb18030"))).text) == ("0", "3", "0")
        assert numbers((await sent(client, GOOD.replace("非常满意", "满意").encode())).text) == ("0", "2", "1")
        four = HEAD + f"f1,CGB,1 号窗口,{TODAY},一般,\nf2,CGB,1 号窗口,{TODAY},非常满意,\n"
        assert numbers((await sent(client, four.encode(), source="四级窗口", scale="four")).text) == ("1", "0", "1")
        both = await asyncio.gather(*(sent(client, GOOD.encode(), source="同时") for _ in range(2)))
        assert sum(int(numbers(one.text)[0]) for one in both) == 3, "two at the same moment are one"
    assert [one["grade"] for one in await kept("四级窗口")] == ["neutral"]
    found = await kept("市政务大厅好差评")
    assert [(one["source_no"], one["unit"], one["raw"], one["grade"]) for one in found] == [
        ("a1", "CGB", "very_satisfied", "satisfied"), ("a2", "CGB", "satisfied", "satisfied"),
        ("a3", "130403", "very_dissatisfied", "dissatisfied"),
    ]  # fmt: skip
    async with db.reading() as connection:
        text = await connection.fetchval("SELECT string_agg(t::text, '') FROM outside_rating t")
    assert "欧阳" not in text, "columns that are not named are not read"


async def test_each_bad_row_is_refused_with_its_reason_and_the_rest_is_taken_in(client: httpx.AsyncClient) -> None:
    async with seats.taken(client, "admin"):
        answer = await sent(client, BAD.encode(), source="某窗口")
        assert numbers(answer.text) == ("1", "0", str(len(REASONS)))
        assert "找不到这个单位" in answer.text
        batch = answer.text.split("/ratings/imports/")[1].split("/")[0]
        sheet = await client.get(f"/ratings/imports/{batch}/refused.csv")
        lines = list(csv.reader(io.StringIO(sheet.text.lstrip("\ufeff"))))
        assert len(lines) == 1 + len(REASONS)
        assert [line[0] for line in lines[1:]] == ["2", "3", "4", "5", "6", "7", "8", "10"]
        async with db.reading() as connection:
            codes = await connection.fetchval(
                "SELECT array_agg(one ->> 'code') FROM rating_import, jsonb_array_elements(refused) one"
                " WHERE source = '某窗口'"
            )
        assert codes == REASONS
        whole = await sent(client, "编号,单位\n1,CGB\n".encode(), source="缺列")
        assert whole.status_code == 422
        assert "日期" in whole.text
        assert (await sent(client, b"PK\x03\x04junk", name="x.xlsx")).status_code == 422
        assert (await sent(client, GOOD.encode(), source="", step="import")).status_code == 422
    assert [one["source_no"] for one in await kept("某窗口")] == ["b7"]


@pytest.mark.requirement("000-06")
async def test_scores_of_third_parties_come_from_a_workbook_and_stand_apart(client: httpx.AsyncClient) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["编号", "单位", "指标", "日期", "得分"], [1, "CGB", "办事便利", TODAY, 86.5],
                [2, "CGB", "政务公开", TODAY, 91], [3, "CGB", "x", TODAY, 101]):  # fmt: skip
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    async with seats.taken(client, "coordination", unit="GOV"):
        given = {"kind": "third", "scale": "hundred", "source": "营商环境评估 2026"}
        assert numbers((await sent(client, out.getvalue(), name="评估.xlsx", **given)).text) == ("2", "0", "1")
        assert "88.75" in await house.get(client, "/ratings?of=third")
        assert "88.75" not in await house.get(client, "/ratings?of=counter")
        assert "营商环境评估" not in await house.get(client, "/ratings")
    assert [str(one["score"]) for one in await kept("营商环境评估 2026")] == ["86.50", "91.00"]


async def test_ratings_of_cases_show_the_unrated_apart_with_an_interval_and_leave_in_both_scales(
    client: httpx.AsyncClient,
) -> None:
    rated = await b.a_case("closed")
    await b.a_case("closed")
    await b.act("callback", rated.number, verbs.rate, b.request, grade="neutral", raw="neutral")
    async with seats.taken(client, "coordination", unit="GOV"):
        page = await house.get(client, "/ratings")
        row = page.split('id="row-1"')[1].split("</tr>")[0]
        cells = [cell.split("<")[0].strip() for cell in row.split('<td class="n">')[1:]]
        assert cells[:6] == ["0", "0", "1", "0", "1", "1"], "four grades, the unrated, the rated"
        assert "0.0%" in cells[6]
        assert "0–79%" in row
        sheet = await client.get("/ratings.csv")
        line = next(one for one in csv.reader(io.StringIO(sheet.text)) if rated.number in one)
        assert line[6:] == ["一般", "四级", "一般", "基本满意", "", ""]
        await db.pool().execute("UPDATE assignment SET excluded = 'beyond_remit' WHERE case_id = (SELECT case_id FROM"
                                " request WHERE receipt_no = $1)", rated.number)  # fmt: skip
        sheet = await client.get("/ratings.csv")
        line = next(one for one in csv.reader(io.StringIO(sheet.text)) if rated.number in one)
        assert line[-1] == "超职责", "what the page does not count says why"
    async with seats.taken(client, "unit_head", unit="CGB"):
        assert "这个月还没有评价" in await house.get(client, "/ratings"), "another unit's"
        assert (await client.get("/ratings.csv")).status_code == 403
    async with seats.taken(client, "publication"):
        assert (await client.get("/ratings/import")).status_code == 403


async def test_the_command_imports_once_and_says_what_it_refused(database: Any, tmp_path: Path) -> None:
    from hotline.commands.ratings import take_in

    file = tmp_path / "窗口.csv"
    file.write_text(GOOD + f"z9,CGB,,{TODAY},好,\n", encoding="utf-8")
    report = tmp_path / "refused.csv"
    said: list[str] = []
    given = {"kind": "counter", "source": "命令行", "scale": "five", "report": report, "echo": said.append}
    assert await take_in(file, dry=True, **given) == 1
    assert await kept("命令行") == []
    for new in (3, 0):
        assert await take_in(file, dry=False, **given) == 1
        assert f"新增 / new {new}，" in said[-2]
    assert len(await kept("命令行")) == 3
    assert "不在所选的等级制里" in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("code", sorted(grades.FIVE))
def test_every_one_of_the_five_has_its_place_among_the_four_and_comes_back_as_it_was(code: str) -> None:
    four = grades.four(code, "five")
    assert four in GRADES
    assert grades.five(four, code, "five") == code


async def test_every_one_of_the_four_has_its_place_among_the_five(database: Any) -> None:
    assert {code: grades.five(code, code, "four") for code in GRADES} == {
        "satisfied": "satisfied", "basically_satisfied": "basically_satisfied", "neutral": "basically_satisfied",
        "dissatisfied": "dissatisfied",
    }  # fmt: skip
    assert grades.four("neutral", "five") == ""


async def test_two_who_bring_ten_thousand_rows_at_once_in_other_orders_make_each_once(
    client: httpx.AsyncClient,
) -> None:
    lines = [f"m{n},CGB,,{TODAY},满意,\n" for n in range(10_000)]
    other = [*reversed(lines[1:]), f"m0,CGB,,{TODAY},不满意,\n"]
    async with seats.taken(client, "coordination", unit="GOV"):
        both = await asyncio.gather(
            *(sent(client, (HEAD + "".join(one)).encode(), source="一万行") for one in (lines, other))
        )
    assert sorted(numbers(one.text) for one in both) == [("0", "9,999", "1"), ("10,000", "0", "0")]
    assert len(await kept("一万行")) == 10_000


async def test_a_broken_workbook_is_refused_and_no_row_below_a_gap_is_lost(client: httpx.AsyncClient) -> None:
    book, whole = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["编号", "单位", "日期", "评价"])
    for column, value in enumerate(["g1", "CGB", str(TODAY), "满意"], 1):
        book.active.cell(row=MOST_ROWS + 50, column=column, value=value)
    book.save(whole)
    broken = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for one in old.infolist():
            data = old.read(one)
            new.writestr(one, data[: len(data) // 2] if "sheet1" in one.filename or "workbook.xml" in one.filename
                         else data)  # fmt: skip
    async with seats.taken(client, "admin"):
        for data in (broken.getvalue(), whole.getvalue()[:900], b"PK\x03\x04nothing"):
            answer = await sent(client, data, name="坏.xlsx", source="工作簿")
            assert answer.status_code == 422
            assert "已损坏" in answer.text
        assert numbers((await sent(client, whole.getvalue(), name="空行.xlsx", source="工作簿")).text)[0] == "1"
