"""A former hotline's export becomes cases of ours: dates, numbers, clocks, refusals, repeats and interruptions."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook

from bench import defects, legacy
from cases import queries, seals
from cases.queries import Filters
from hotline import db, importing, rebuild, verify
from hotline.errors import Refusal
from hotline.legacy import batches
from sla import sweep
from tests import builders
from tests.engines import Place

pytestmark = pytest.mark.anyio

EXAMPLE = Path(importing.__file__).parent / "data" / "mappings" / "example.toml"
ROW = {
    "工单编号": "L-1",
    "受理时间": "2021-03-01 09:30:00",
    "承诺时限": "2021-03-08 18:00:00",
    "办结时间": "2021-03-05 10:00:00",
    "状态": "已办结",
    "办结方式": "已解决",
    "办理情况": "换了灯头。",
    "标题": "路灯不亮",
    "诉求内容": "人民东路路灯连着五盏不亮。",
    "补充内容": "",
    "地点": "丛台区人民东路",
    "诉求分类": "路灯不亮",
    "承办单位": "城管局",
    "诉求类型": "求助",
    "满意度": "满意",
    "来电号码": "13800000009",
    "来电人": "李小红",
    "来源": "电话",
}
HEADER = list(ROW)


def a_row(number: str, **change: str) -> dict[str, str]:
    """A closed case of 2021 about a street light; keyword arguments change its cells."""
    return {**ROW, "工单编号": number, **change}


def an_open_row(number: str, **change: str) -> dict[str, str]:
    return a_row(number, 办结时间="", 状态="办理中", 办结方式="", 办理情况="", 满意度="", **change)


def a_file(folder: Path, rows: list[dict[str, str]], name: str = "export.csv") -> Path:
    text = io.StringIO()
    table = csv.DictWriter(text, HEADER)
    table.writeheader()
    table.writerows(rows)
    path = folder / name
    path.write_bytes(gzip.compress(text.getvalue().encode()) if name.endswith(".gz") else text.getvalue().encode())
    return path


def a_mapping(folder: Path, system: str, **change: Any) -> Path:
    """The example mapping under another system's name, so that tests do not meet; the keywords replace its entries."""
    text = EXAMPLE.read_text(encoding="utf-8").replace('system = "old-hotline"', f'system = "{system}"')
    for name, value in change.items():
        lines = [line for line in text.splitlines() if not line.startswith(f"{name} = ")]
        text = f"{name} = {value}\n" + "\n".join(lines)
    path = folder / f"{system}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(report: Path) -> dict[str, str]:
    """Origin number to code of the refused rows."""
    with report.open(encoding="utf-8-sig", newline="") as file:
        return {row["origin_no"]: row["code"] for row in csv.DictReader(file)}


async def case_of(system: str, number: str) -> Any:
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT c.*, r.final_grade, r.phone_index FROM cases c JOIN request r ON r.case_id = c.id "
            "WHERE c.origin_system = $1 AND c.origin_no = $2", system, number,
        )  # fmt: skip


async def count(sql: str, *args: object) -> int:
    async with db.reading() as connection:
        return int(await connection.fetchval(sql, *args))


async def test_a_closed_case_keeps_its_dates_its_number_and_its_end(database: Place, tmp_path: Path) -> None:
    outcome = await importing.take_in(a_file(tmp_path, [a_row("L-1")]), a_mapping(tmp_path, "dates"))
    assert (outcome.made, outcome.refused) == (1, {})
    case = await case_of("dates", "L-1")
    assert case["number"] == "210301-00001"
    assert case["opened_at"] == datetime(2021, 3, 1, 1, 30, tzinfo=UTC)
    assert case["closed_at"] == datetime(2021, 3, 5, 2, 0, tzinfo=UTC)
    assert (case["state"], case["close_reason"], case["channel"]) == ("closed", "resolved", "import")
    assert (case["county"], case["matter"], case["final_grade"]) == ("130403", "020201", "satisfied")
    assert case["phone_index"] is not None
    events = await db.pool().fetch("SELECT kind, at FROM case_event WHERE case_id = $1 ORDER BY seq", case["id"])
    assert [tuple(event) for event in events] == [("registered", case["opened_at"]), ("imported", case["closed_at"])]


async def test_clocks_are_replayed_to_the_old_target_and_nothing_is_sent(database: Place, tmp_path: Path) -> None:
    sent = await count("SELECT count(*) FROM outbox_message")
    rows = [
        a_row("met"),
        a_row("late", 办结时间="2021-03-09 10:00:00"),
        a_row("ours", 承诺时限="", 办结时间="2021-03-01 11:00:00"),
        an_open_row("overdue"),
        an_open_row("running", 承诺时限="2098-01-05 18:00:00"),
    ]
    await importing.take_in(a_file(tmp_path, rows), a_mapping(tmp_path, "clocks"))
    found = await db.pool().fetch(
        "SELECT c.origin_no, k.*, c.next_due, c.supervision FROM clock k JOIN cases c ON c.id = k.case_id "
        "WHERE c.origin_system = 'clocks'"
    )
    by = {row["origin_no"]: row for row in found}
    assert by["met"]["due_at"] == datetime(2021, 3, 8, 10, 0, tzinfo=UTC)
    assert (by["met"]["outcome"], by["late"]["outcome"]) == ("met", "late")
    assert by["late"]["breached_at"] == by["late"]["due_at"]
    assert by["ours"]["due_at"] == datetime(2021, 3, 2, 1, 30, tzinfo=UTC)  # UTIL24H of the matter: 24 hours
    assert by["overdue"]["breached_at"] == by["overdue"]["due_at"] == by["overdue"]["next_due"]
    assert by["overdue"]["stopped_at"] is None
    assert by["running"]["breached_at"] is None
    assert by["running"]["next_due"] == by["running"]["due_at"]
    await sweep.sweep()
    assert await count("SELECT max(supervision) FROM cases WHERE origin_system = 'clocks'") == 0
    assert await count("SELECT count(*) FROM outbox_message") == sent


async def test_an_open_case_stands_at_its_unit_in_the_queue_and_is_found(database: Place, tmp_path: Path) -> None:
    rows = [an_open_row("open-1", 承办单位="丛台区", 诉求内容="广场舞音响到夜里十一点。", 标题="")]
    await importing.take_in(a_file(tmp_path, rows), a_mapping(tmp_path, "queue"))
    case = await case_of("queue", "open-1")
    assert (case["state"], case["lead_unit"]) == ("active", "130403")
    who = await builders.person("congtai")
    async with db.reading() as connection:
        for asked in ("广场舞", "open-1"):
            page = await queries.inbox(connection, who, Filters(q=asked))
            assert case["number"] in [row.number for row in page.rows]
        assert await queries.found(connection, who, case["number"]) == case["id"]


async def test_the_same_file_twice_makes_each_case_once(database: Place, tmp_path: Path) -> None:
    file, mapping = a_file(tmp_path, [a_row(f"T-{n}") for n in range(7)]), a_mapping(tmp_path, "twice")
    first = await importing.take_in(file, mapping)
    second = await importing.take_in(file, mapping)
    assert (first.made, first.known, second.made, second.known) == (7, 0, 0, 7)
    assert await count("SELECT count(*) FROM cases WHERE origin_system = 'twice'") == 7


DEFECTS: list[tuple[str, dict[str, str]]] = [
    ("no_number", {"工单编号": " "}),
    ("no_date", {"受理时间": ""}),
    ("bad_date", {"受理时间": "2021-13-01 09:30:00"}),
    ("bad_date", {"承诺时限": "尽快"}),
    ("foreign_zone", {"受理时间": "2021-03-01 09:30:00 +01:00"}),
    ("too_old", {"受理时间": "1999-12-31 09:30:00"}),
    ("future_date", {"办结时间": "2098-03-05 10:00:00"}),
    ("closed_before_opened", {"办结时间": "2021-02-28 10:00:00"}),
    ("target_before_opened", {"承诺时限": "2021-02-28 10:00:00"}),
    ("closed_without_date", {"办结时间": ""}),
    ("open_with_closing_date", {"状态": "办理中"}),
    ("unknown_code", {"状态": "挂起"}),
    ("unknown_code", {"诉求分类": "外星人"}),
    ("unknown_code", {"承办单位": "无此单位"}),
    ("no_words", {"诉求内容": "", "补充内容": ""}),
    ("overlong", {"办理情况": "长" * 10_001}),
    ("overlong", {"地点": "长" * 201}),
    ("control_characters", {"诉求内容": "路灯\x00不亮"}),
    ("bad_phone", {"来电号码": "12"}),
]


@pytest.mark.parametrize(("code", "change"), DEFECTS)
async def test_a_defect_is_refused_with_its_reason_and_the_rest_goes_on(
    database: Place, tmp_path: Path, code: str, change: dict[str, str]
) -> None:
    system = f"defect-{DEFECTS.index((code, change))}"
    rows = [a_row("before"), a_row("bad") | change, a_row("after")]
    outcome = await importing.take_in(a_file(tmp_path, rows), a_mapping(tmp_path, system))
    assert outcome.made == 2
    with outcome.report.open(encoding="utf-8-sig", newline="") as file:
        (refused,) = csv.DictReader(file)
    assert (refused["row"], refused["code"]) == ("3", code)
    assert refused["zh"]
    assert refused["en"]
    assert "{" not in refused["zh"] + refused["en"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
async def test_every_seeded_defect_is_refused_for_what_it_is_and_no_other_row(
    database: Place, tmp_path: Path, zone: str
) -> None:
    whole = legacy.write(tmp_path / "whole.csv", 500)
    mapping = a_mapping(tmp_path, f"seeded-{zone[:4]}", zone=f'"{zone}"', ambiguous='"earlier"')
    expected = defects.write(whole, mapping, tmp_path / "broken.csv", 120, seed=3)
    outcome = await importing.take_in(tmp_path / "broken.csv", mapping)
    with outcome.report.open(encoding="utf-8-sig", newline="") as file:
        refused = {int(row["row"]): row["code"] for row in csv.DictReader(file)}
    assert len(set(expected.values())) >= 15
    assert refused == expected
    assert outcome.made == outcome.read - len(expected)


async def test_broken_lines_cost_themselves_only(database: Place, tmp_path: Path) -> None:
    file = a_file(tmp_path, [a_row(f"B-{n}") for n in range(8)])
    lines = file.read_bytes().split(b"\r\n")
    lines[2] = lines[2].replace("五盏".encode(), b"\xff\xfe")
    lines[3] = b'"' + lines[3]
    lines[4] = lines[4].rpartition(b",")[0]
    lines[5] += ",多一列".encode()
    lines[7] = (
        lines[7]
        .replace("人民东路路灯".encode(), '"人民东路\r\n路灯'.encode())
        .replace("。,,".encode(), '。",,'.encode())
    )
    file.write_bytes(b"\r\n".join(lines))
    outcome = await importing.take_in(file, a_mapping(tmp_path, "broken"))
    assert told(outcome.report) == {
        "B-1": "broken_bytes",
        "": "unclosed_quote",
        "B-3": "wrong_columns",
        "B-4": "wrong_columns",
    }
    assert outcome.made == 4
    async with db.reading() as connection:
        words = await connection.fetchval(
            "SELECT words FROM request r JOIN cases c ON c.id = r.case_id "
            "WHERE c.origin_system = 'broken' AND c.origin_no = 'B-6'"
        )
    assert "人民东路\r\n路灯" in words


async def test_a_number_twice_in_one_file_is_taken_once_and_names_the_first_row(
    database: Place, tmp_path: Path
) -> None:
    rows = [a_row("D-1"), a_row("D-2"), a_row("D-1", 标题="又来一次")]
    outcome = await importing.take_in(a_file(tmp_path, rows), a_mapping(tmp_path, "double"), tmp_path / "r.jsonl")
    (line,) = (tmp_path / "r.jsonl").read_bytes().splitlines()
    refused = msgspec.json.decode(line)
    assert (outcome.made, refused["code"], refused["row"]) == (2, "duplicate", 4)
    assert "第 2 行" in refused["zh"]


async def test_hours_that_never_were_or_were_twice_are_not_guessed(database: Place, tmp_path: Path) -> None:
    never, twice = "2021-03-14 02:30:00", "2021-11-07 01:30:00"
    rows = [
        a_row("never", 受理时间=never, 承诺时限="", 办结时间="2021-12-01 10:00:00"),
        a_row("twice", 受理时间=twice, 承诺时限="", 办结时间="2021-12-01 10:00:00"),
    ]
    file = a_file(tmp_path, rows)
    outcome = await importing.take_in(file, a_mapping(tmp_path, "zone", zone='"America/New_York"'))
    assert told(outcome.report) == {"never": "time_gap", "twice": "time_twice"}
    later = a_mapping(tmp_path, "zone2", zone='"America/New_York"', ambiguous='"later"')
    await importing.take_in(file, later)
    case = await case_of("zone2", "twice")
    assert case["opened_at"] == datetime(2021, 11, 7, 6, 30, tzinfo=UTC)


async def test_gzip_and_a_sheet_of_xlsx_are_read_alike(database: Place, tmp_path: Path) -> None:
    packed = await importing.take_in(a_file(tmp_path, [a_row("Z-1")], "export.csv.gz"), a_mapping(tmp_path, "packed"))
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    cells: dict[str, Any] = {**a_row("7001"), "受理时间": datetime(2021, 3, 1, 9, 30), "工单编号": 7001}  # noqa: DTZ001 - as a sheet has it
    page.append([cells[name] for name in HEADER])
    page.append([{**cells, "工单编号": 2024010112345678901}[name] for name in HEADER])
    book.save(tmp_path / "export.xlsx")
    sheet = await importing.take_in(tmp_path / "export.xlsx", a_mapping(tmp_path, "sheet"))
    assert (packed.made, sheet.made) == (1, 1)
    assert sheet.refused == {"lost_digits": 1}
    case = await case_of("sheet", "7001")
    assert case["opened_at"] == (await case_of("packed", "Z-1"))["opened_at"]


async def test_an_import_broken_off_goes_on_where_it_stopped(
    database: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 4)
    rows = [a_row(f"R-{n}") for n in range(10)] + [a_row("R-9"), a_row("R-bad", 受理时间="")]
    file, mapping = a_file(tmp_path, rows), a_mapping(tmp_path, "resume")
    write = batches.write

    async def failing(row: Any, some: Any, made: int, last: int, known: int) -> None:
        if last > 8:
            raise ConnectionError("the cable was pulled")
        await write(row, some, made, last, known)

    monkeypatch.setattr(batches, "write", failing)
    with pytest.raises(ConnectionError):
        await importing.take_in(file, mapping)
    assert await count("SELECT count(*) FROM cases WHERE origin_system = 'resume'") == 4
    monkeypatch.setattr(batches, "write", write)
    again = await importing.take_in(file, mapping)
    assert (again.resumed_at, again.made, again.known) == (5, 6, 4)
    assert told(again.report) == {"R-9": "duplicate", "R-bad": "no_date"}
    assert await count("SELECT count(*) FROM cases WHERE origin_system = 'resume'") == 10


async def test_a_mapping_that_cannot_work_is_refused_by_name(database: Place, tmp_path: Path) -> None:
    file = a_file(tmp_path, [a_row("M-1")])
    for change, field in (
        ({"zone": '"Mars/Olympus"'}, "zone"), ({"encoding": '"klingon"'}, "encoding"), ({'"城管局"': '"NOPE"'}, "unit"),
    ):  # fmt: skip
        path = a_mapping(tmp_path, "wrong")
        text = path.read_text(encoding="utf-8")
        for name, value in change.items():
            line = next(one for one in text.splitlines() if one.startswith(f"{name} = "))
            text = text.replace(line, f"{name} = {value}")
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Refusal) as refused:
            await importing.take_in(file, path)
        assert field in refused.value.fields
    path = a_mapping(tmp_path, "lacks")
    path.write_text(path.read_text(encoding="utf-8").replace('"工单编号"', '"编号"'), encoding="utf-8")
    with pytest.raises(Refusal, match="invalid") as lacking:
        await importing.take_in(file, path)
    assert "编号" in str(lacking.value.fields[file.name])


async def test_imported_cases_verify_and_rebuild_like_any_other(database: Place, tmp_path: Path) -> None:
    rows = [a_row("V-1"), an_open_row("V-2"), a_row("V-3", 诉求类型="举报"), an_open_row("V-4", 承办单位="")]
    outcome = await importing.take_in(a_file(tmp_path, rows), a_mapping(tmp_path, "proof"))
    assert outcome.made == 4
    await seals.seal_all()
    report = await verify.database()
    assert report.is_clean, report
    again = await rebuild.rebuild(check=True)
    assert (again.different, again.names) == (0, {})
