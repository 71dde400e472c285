"""Cells of a sheet that leaves: no cell is taken for a formula by whoever opens it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: object) -> object:
    """The cell, with a mark before text that a spreadsheet would work out."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def sheet(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as CSV, in UTF-8 with the mark that spreadsheets know it by."""
    out = io.StringIO()
    csv.writer(out).writerows([safe(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()
