"""Rows of a CSV (plain or gzipped) or XLSX file, each with its line; a broken one is a fault and the rest goes on."""

from __future__ import annotations

import csv
import gzip
import io
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import msgspec

from hotline.errors import Say, invalid
from hotline.legacy.faults import Fault, shown
from hotline.legacy.mapping import MapFile

Cell = str | datetime | None
LONGEST = 10_000
"""Characters of any cell; a longer one is a broken export or an attack."""
_MOST_LINES = 200
"""A cell that spans more lines than this is an unclosed quotation mark."""
_EXACT = 10**15
_UTF8 = {"utf-8", "utf8", "utf_8"}


class Line(msgspec.Struct, frozen=True):
    """One record: the number of its first line in the file, and its cells or what is wrong with it."""

    number: int
    cells: list[Cell]
    fault: Fault | None = None


class Sheet:
    """An open export: its header, its records in order, and how far reading has come (0 to 1)."""

    def __init__(self, header: list[str], lines: Iterator[Line], done: Callable[[], float]) -> None:
        self.header = header
        self.lines = lines
        self.done = done


def opened(path: Path, rules: MapFile) -> Sheet:
    """The file with its header read. Raises the 422 refusal when it is no such file, or columns are missing."""
    try:
        sheet = _xlsx(path, rules) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv(path, rules)
    except (OSError, EOFError, UnicodeError, BadZipFile, KeyError, StopIteration, csv.Error) as error:
        raise _unreadable(path, error) from None
    missing = [name for name in named_columns(rules) if name not in sheet.header]
    if missing:
        listed = "、".join(missing)
        raise invalid({path.name: Say(f"表头里没有这些列：{listed}。", f"The header lacks these columns: {listed}.")})
    return sheet


def named_columns(rules: MapFile) -> list[str]:
    """Every column of the export that the mapping speaks of."""
    names: list[str] = []
    for field in rules.columns.__struct_fields__:
        value = getattr(rules.columns, field)
        names += [value] if isinstance(value, str) else value
    return [name for name in names if name]


def _unreadable(path: Path, error: Exception) -> Exception:
    reason = type(error).__name__
    return invalid(
        {
            path.name: Say(
                f"文件读不出（{reason}），可能损坏或不完整。",
                f"The file cannot be read ({reason}): broken or incomplete.",
            )
        }
    )


def _csv(path: Path, rules: MapFile) -> Sheet:
    raw: BinaryIO = path.open("rb")
    size = max(path.stat().st_size, 1)
    packed = raw.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined] # a buffered reader
    plain: Any = gzip.GzipFile(fileobj=raw) if packed else raw
    encoding = "utf-8-sig" if rules.encoding.lower() in _UTF8 else rules.encoding
    text = io.TextIOWrapper(plain, encoding, errors="surrogateescape", newline="")
    records = _Records(_numbered(text, path), rules.delimiter)
    header = records.next_line()
    names = [str(cell).strip() for cell in header.cells] if header is not None else []
    records.width = len(names)
    return Sheet(names, iter(records.next_line, None), lambda: 1.0 if raw.closed else raw.tell() / size)


def _numbered(text: io.TextIOWrapper, path: Path) -> Iterator[tuple[int, str]]:
    """Physical lines; a file that breaks off in the middle of its packing is said so, after what could be read."""
    try:
        yield from enumerate(text, 1)
    except (EOFError, OSError) as error:
        raise _unreadable(path, error) from None


class _Records:
    """CSV records. A quotation mark that is never closed costs its own line, not the rest of the file."""

    def __init__(self, source: Iterator[tuple[int, str]], delimiter: str) -> None:
        self._source = source
        self._delimiter = delimiter
        self._again: deque[tuple[int, str]] = deque()
        self.width = 0
        """Columns that a record has to have; 0 while the header is read."""

    def next_line(self) -> Line | None:
        """The next record that is not empty; None at the end."""
        while (first := self._following()) is not None:
            if first[1].strip():
                return self._record(first)
        return None

    def _following(self) -> tuple[int, str] | None:
        return self._again.popleft() if self._again else next(self._source, None)

    def _record(self, first: tuple[int, str]) -> Line:
        cells = _parsed([first[1]], self._delimiter)
        taken = [first]
        while cells is None and len(taken) < _MOST_LINES and (more := self._following()) is not None:
            taken.append(more)
            cells = _parsed([text for _, text in taken], self._delimiter)
        if len(taken) > 1 and (not cells or self._is_odd(cells)):
            self._again.extendleft(reversed(taken[1:]))
            cells = None
        if cells is None:
            return Line(first[0], [], Fault("unclosed_quote"))
        if self._is_odd(cells):
            return Line(first[0], cells, Fault("wrong_columns", {"want": str(self.width), "got": str(len(cells))}))
        return Line(first[0], cells)

    def _is_odd(self, cells: list[Cell]) -> bool:
        return self.width > 0 and len(cells) != self.width


def _parsed(lines: list[str], delimiter: str) -> list[Cell] | None:
    """The cells; None when a quotation mark is still open; nothing when several lines make no record."""
    try:
        return next(csv.reader(iter(lines), delimiter=delimiter, strict=True))  # type: ignore[return-value]
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
        if len(lines) > 1:
            return []
    # One line with stray quotation marks, as careless exports have them: the lenient reading, then its columns decide.
    try:
        return next(csv.reader(iter(lines), delimiter=delimiter))  # type: ignore[return-value]
    except csv.Error:  # a cell beyond the reader's own limit
        return lines[0].split(delimiter)  # type: ignore[return-value]


def _xlsx(path: Path, rules: MapFile) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second, for those who need it

    book = load_workbook(path, read_only=True, data_only=True)
    page = book[rules.sheet] if rules.sheet else book.worksheets[0]
    rows = page.iter_rows(values_only=True)
    header = [str(cell or "").strip() for cell in next(rows)]
    while header and not header[-1]:
        header.pop()
    total = max(page.max_row or 1, 1)
    at = [1]

    def lines() -> Iterator[Line]:
        for number, row in enumerate(rows, 2):
            at[0] = number
            if any(cell is not None for cell in row):
                yield _row(number, row, header)

    return Sheet(header, lines(), lambda: at[0] / total)


def _row(number: int, row: tuple[Any, ...], header: list[str]) -> Line:
    width = max((n for n, cell in enumerate(row, 1) if cell is not None), default=0)
    if width > len(header):
        return Line(number, [], Fault("wrong_columns", {"want": str(len(header)), "got": str(width)}))
    cells: list[Cell] = []
    for name, value in zip(header, row, strict=False):
        if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) >= _EXACT:
            return Line(number, [], Fault("lost_digits", {"column": shown(name)}))
        cells.append(_cell(value))
    return Line(number, cells + [None] * (len(header) - len(cells)))


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell of a sheet: the mapping's zone follows
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
