"""A sheet that somebody brings, CSV or XLSX, as rows of cells with line numbers. What they mean is the caller's."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from hotline.errors import Refusal, Say, invalid

MOST_UNPACKED = 60_000_000
LAST_ROW = 1_048_576
"""Of a workbook. Rows without anything in them are none."""
_BROKEN = Say("这个文件不是 XLSX，或已损坏。", "Not an XLSX file, or broken.")


def rows(data: bytes, name: str) -> Iterator[tuple[int, Sequence[object]]]:
    """The lines that hold anything, by what the file is called. Raises the 422 for a file that is no sheet."""
    return _xlsx(data) if name.lower().endswith((".xlsx", ".xlsm")) else _csv(data)


def wrong(say: Say) -> Refusal:
    """The file is not what it should be: 422 beside the field ``sheet``."""
    return invalid({"sheet": say})


def plain(cell: object) -> str:
    """A cell as text in one line, without what cannot be printed; whole numbers without their point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join("".join(c for c in str(cell) if c.isprintable()).split())


def _csv(data: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise wrong(Say("这个文件不是文本，请存成 CSV（UTF-8）或 XLSX。", "Not text; save it as CSV (UTF-8) or XLSX."))
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        yield from ((lines.line_num, row) for row in lines if any(cell.strip() for cell in row))
    except csv.Error:
        say = Say("CSV 读不出，可能引号没有配对。", "The CSV cannot be read; a quotation mark may be open.")
        raise wrong(say) from None


def _xlsx(data: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second, for those who need it

    if _unpacked(data) > MOST_UNPACKED:
        raise wrong(Say("表格解开后太大，请分开导入。", "The sheet is too large unpacked; split it."))
    try:
        pages: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets
        rows: Iterator[Sequence[object]] = pages[0].iter_rows(values_only=True, max_row=LAST_ROW)
        yield from ((n, row) for n, row in enumerate(rows, 1) if any(cell is not None for cell in row))
    except Exception:  # noqa: BLE001 - what a broken workbook fails with has no end: its zip, its XML, its styles
        raise wrong(_BROKEN) from None


def _unpacked(data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise wrong(_BROKEN) from None
