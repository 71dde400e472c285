"""A table as a file: CSV with a byte order mark, which spreadsheets need for Chinese, or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from litestar import Response

KINDS = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out."""


def file(rows: Sequence[Sequence[str | float]], name: str, kind: str) -> Response[bytes]:
    """The rows, heads first, as ``name``.``kind``; ``kind`` is one of KINDS."""
    body = _csv(rows) if kind == "csv" else _xlsx(rows, name)
    return Response(
        body, media_type="text/csv" if kind == "csv" else _XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )  # fmt: skip


def _safe(cell: str | float) -> str | float:
    """Text that a spreadsheet would take for a formula is quoted."""
    return f"'{cell}" if isinstance(cell, str) and len(cell) > 1 and cell.startswith(_FORMULA) else cell


def _csv(rows: Sequence[Sequence[str | float]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str | float]], name: str) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - half a second, for those who need it

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    for row in rows:
        sheet.append([_safe(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
