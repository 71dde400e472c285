"""The report of refused rows: a line each, written as the import goes; CSV or JSON lines by the file's name."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from hotline.legacy.faults import Fault, shown

HEADER = ("row", "origin_no", "code", "column", "zh", "en")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Report:
    """An open report. Nothing in it is a person's word, name or number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self._is_csv = path.suffix.lower() == ".csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = path.open("w", encoding="utf-8-sig" if self._is_csv else "utf-8", newline="")
        self._table = csv.writer(self._file)
        if self._is_csv:
            self._table.writerow(HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def refused(self) -> int:
        """Rows refused so far."""
        return sum(self.counts.values())

    def add(self, row: int, number: str, fault: Fault) -> None:
        """Write down a refused row."""
        self.counts[fault.code] = self.counts.get(fault.code, 0) + 1
        record = (row, shown(number), fault.code, fault.column, fault.say.zh, fault.say.en)
        if self._is_csv:
            self._table.writerow([_plain(cell) for cell in record])
        else:
            self._file.write(msgspec.json.encode(dict(zip(HEADER, record, strict=True))).decode() + "\n")


def _plain(cell: object) -> object:
    """A spreadsheet must not take a cell of a stranger's file for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
