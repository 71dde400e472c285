"""The dispatch catalogue as a sheet, XLSX or CSV: written for a day, read back cell by cell. No database here."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from hotline.city import City
from hotline.errors import Refusal, Say
from routing import book
from routing.book import Line

COLUMNS = {
    "matter": "事项代码", "matter_name": "事项名称", "place": "地点代码", "place_name": "地点名称",
    "requester": "诉求人", "lead": "主办单位代码", "lead_name": "主办单位名称", "co_handlers": "协办单位代码",
    "tier": "层级", "route": "派单方式", "valid_from": "第一天", "valid_to": "最后一天", "basis": "依据",
}  # fmt: skip
"""The sheet's columns in order. Names and the basis are for people's eyes: reading passes them over."""
NEEDED = ("matter", "place", "requester", "lead", "route")
MOST_BYTES, MOST_ROWS = 2_000_000, 5_000
MOST_UNPACKED, MOST_BESIDE, MOST_CELLS = 16_000_000, 1_000_000, 300_000
"""Bytes that a workbook, and each part of it beside the sheet and its texts, may unpack to, and cells of a sheet: 90 KB
of packed styles alone can be two minutes and a gigabyte for the reader."""
FORMULA = "=?"
"""Stands for a cell whose formula nobody has reckoned yet: it holds no value, and an empty cell would mean another."""
ALL = "*"
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?")

Row = tuple[int, dict[str, str]]
"""A row's number as the sheet counts it, and its cells as text by column."""


class Grid(msgspec.Struct, frozen=True):
    """A sheet as it was read: where each column stands (from 0), and the rows that are not empty."""

    at: dict[str, int]
    rows: tuple[Row, ...]

    def cell(self, column: str, row: int) -> str:
        """A cell's name, as "C7"."""
        return f"{letter(self.at.get(column, 0))}{row}"


def letter(column: int) -> str:
    """A column's name: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def table(lines: Iterable[Line], city: City, day: date) -> list[list[str]]:
    """The lines as rows of text below their head, with the names of that day."""
    found = [[f"{zh} {key}" for key, zh in COLUMNS.items()]]
    for one in lines:
        unit = city.unit(one.lead, day)
        found.append([
            one.matter or ALL, matter_name(one.matter, city, day).zh, one.place or ALL,
            place_name(one.place, city, day).zh, one.requester or ALL, one.lead, unit.name_zh if unit else "",
            " ".join(one.co_handlers), str(one.tier), one.route, one.valid_from.isoformat(),
            one.valid_to.isoformat() if one.valid_to else "", one.basis,
        ])  # fmt: skip
    return found


def matter_name(code: str, city: City, day: date) -> Say:
    """What a leaf, group or division is called on a day; empty is every matter."""
    if code == book.EVERY:
        return Say("全部事项", "Every matter")
    for full in (code, *sorted(city.matters)):
        one = city.matter(full, day) if full.startswith(code) and len(full) == 6 else None
        if one is not None:
            return {2: Say(one.l1_zh, one.l1_en), 4: Say(one.l2_zh, one.l2_en)}.get(len(code), one.name)
    return Say(code, code)


def place_name(code: str, city: City, day: date) -> Say:
    """What a county or township is called on a day, with its county; empty is everywhere."""
    if code == book.EVERY:
        return Say("全市", "Everywhere")
    township = city.township(code, day)
    if township is not None:
        county = city.any_jurisdiction(township.county)
        zh, en = (county.name_zh, county.name_en) if county else ("", "")
        return Say(f"{zh}{township.name_zh}", f"{township.name_en}, {en}")
    found = city.jurisdiction(code, day) or city.any_jurisdiction(code)
    return found.name if found else Say(code, code)


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV that spreadsheets open as UTF-8; no cell of it is taken for a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of text cells, none of them a formula, codes with their leading zeros."""
    from openpyxl import Workbook  # noqa: PLC0415 - half a second, for those who need it

    made = Workbook()
    page = made.active
    page.title = "catalogue"
    for row in rows:
        page.append([""] * len(row))
        for n, text in enumerate(row, 1):
            cell = page.cell(page.max_row, n)
            cell.value, cell.data_type, cell.number_format = text, "s", "@"
    page.freeze_panes = "A2"
    for n, key in enumerate(COLUMNS):
        page.column_dimensions[letter(n)].width = 22 if key.endswith("name") or key == "basis" else 13
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(
    name: str, data: bytes, columns: Mapping[str, str] = COLUMNS, needed: Sequence[str] = NEEDED
) -> Grid:
    """The sheet in a file. Raises the 422 refusal when it is too large, is no sheet, or lacks a column.

    ``columns`` are keys with their Chinese names, those of the catalogue unless said otherwise.
    """
    if not data:
        raise _refused(Say("这个文件是空的。", "This file is empty."))
    if len(data) > MOST_BYTES:
        raise _refused(Say("文件超过 2 MB，请删去多余的内容。", "The file is larger than 2 MB: take something out."))
    rows = _xlsx(data) if data[:2] == b"PK" else _csv(data)
    if not rows:
        raise _refused(Say(f"“{name[:60]}”里没有内容。", f"There is nothing in “{name[:60]}”."))
    at = _columns(rows[0][1], columns, needed)
    found = [
        (number, {key: cells[n].removeprefix("'") if n < len(cells) else "" for key, n in at.items()})
        for number, cells in rows[1:]
        if any(cells)
    ]
    if len(found) > MOST_ROWS:
        raise _too_long()
    return Grid(at, tuple(found))


def day_of(text: str) -> date | None:
    """A day as sheets write it: 2026-11-05, 2026/11/5, 2026年11月5日. ValueError for anything else; empty is None."""
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day = date(*(int(part) for part in found.groups()))
    if not 1949 <= day.year <= 2199:
        raise ValueError(text)
    return day


def _columns(head: Sequence[str], columns: Mapping[str, str], needed: Sequence[str]) -> dict[str, int]:
    """Where each column stands, by its key or its Chinese name; the first of two counts."""
    at: dict[str, int] = {}
    names = {zh: key for key, zh in columns.items()}
    for n, text in enumerate(head):
        words = text.strip().split()
        key = next((w.lower() for w in words if w.lower() in columns), names.get(text.strip(), ""))
        if key:
            at.setdefault(key, n)
    missing = [key for key in needed if key not in at]
    if missing:
        zh, en = "、".join(f"{columns[key]} {key}" for key in missing), ", ".join(missing)
        raise _refused(Say(
            f"第 1 行是表头，里面缺这些列：{zh}。可以先导出一份，在它上面改。",
            f"Row 1 is the head; these columns are missing in it: {en}. Export a sheet first and work on that.",
        ))  # fmt: skip
    return at


def _xlsx(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_size(packed.infolist())
            pages = [packed.read(one) for one in packed.namelist() if one.startswith("xl/worksheets/")]
        _check_cells(pages)
        values = _cells(data, is_reckoned=True)
        written = _cells(data, is_reckoned=False) if any(b"<f" in page for page in pages) else values
    except Refusal:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file makes of it
        zh = "这个文件打不开，请另存为 .xlsx 或 .csv 再上传。"
        raise _refused(Say(zh, "This file cannot be opened: save it as .xlsx or .csv.")) from error
    return [
        (number, [text or (FORMULA if one.startswith("=") else "") for text, one in zip(row, formulas, strict=True)])
        for number, (row, formulas) in enumerate(zip(values, written, strict=True), 1)
    ]


def _cells(data: bytes, *, is_reckoned: bool) -> list[list[str]]:
    """The first sheet's cells as text: as a spreadsheet reckoned them last, or as they were written."""
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second, for those who need it

    page = load_workbook(io.BytesIO(data), read_only=True, data_only=is_reckoned).worksheets[0]
    found = []
    for number, row in enumerate(page.iter_rows(values_only=True, max_col=40), 1):
        if number <= MOST_ROWS + 100:
            found.append([_text(cell) for cell in row])
        elif any(cell is not None for cell in row):
            raise _too_long()
    return found


def _check_size(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what is small when packed and huge when it is not."""
    beside = [one for one in parts if not one.filename.startswith(("xl/worksheets/", "xl/sharedStrings"))]
    if sum(one.file_size for one in parts) > MOST_UNPACKED or any(one.file_size > MOST_BESIDE for one in beside):
        raise _too_large()


def _check_cells(pages: Iterable[bytes]) -> None:
    if any(page.count(b"<c") > MOST_CELLS for page in pages):
        raise _too_large()


def _too_large() -> Refusal:
    return _refused(Say("文件展开后太大，请只留目录这一张表。", "Unpacked, it is too large: keep this sheet only."))


def _too_long() -> Refusal:
    return _refused(Say(f"超过 {MOST_ROWS} 行，请分开。", f"More than {MOST_ROWS} rows: split the sheet."))


def _csv(data: bytes) -> list[tuple[int, list[str]]]:
    wide = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ()  # a spreadsheet's "Unicode text"
    for encoding in (*wide, "utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            between = "\t" if "\t" in text[:500] else ","
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
            return [(number, [cell.strip() for cell in row]) for number, row in enumerate(reader, 1)]
        except csv.Error:
            break
    raise _refused(Say("这不是 .xlsx 或 .csv 表格，请换一个文件。", "This is no .xlsx or .csv sheet: choose another."))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _safe(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _refused(say: Say) -> Refusal:
    return Refusal(422, "invalid_sheet", say, fields={"sheet": say})
