"""A bulletin as a workbook: a cover, then a sheet a table with its formula beside it and a chart of its own."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.series import SeriesLabel, StrRef
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from hotline.errors import Say
from sla import bulletin_document, bulletin_zip
from sla.bulletin_document import Cell, Document, Table

_BAD = re.compile(r"[\[\]:*?/\\']")
_HEAD, _BOLD, _HINT = PatternFill("solid", fgColor="E8F0FA"), Font(bold=True), Font(color="5C687A", size=9)
_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - the library wants it without a zone; packing writes the real one
_FIRST = 4
"""The row of the heads: above them the title, below them the formulas."""


def made(document: Document, lang: str, hash_: str) -> bytes:
    """The file."""
    book = Workbook()
    book.properties.created, book.properties.modified = _MOMENT, _MOMENT
    book.properties.title, book.properties.creator = document.title.in_(lang), document.office.in_(lang)
    cover = book.active
    cover.title = Say("说明", "About").in_(lang)
    _cover(cover, document, lang, hash_)
    names = {cover.title}
    for section in document.sections:
        for table in section.tables:
            _sheet(book.create_sheet(_name(table.title.in_(lang), names)), table, lang)
    out = io.BytesIO()
    book.save(out)
    return bulletin_zip.packed(out.getvalue(), document.issued_at)


def _name(title: str, names: set[str]) -> str:
    """A name that a sheet may have, once in the book."""
    base = _BAD.sub("", title)[:27] or "-"
    name, n = base, 1
    while name in names:
        n += 1
        name = f"{base} {n}"
    names.add(name)
    return name


def _put(sheet: Any, row: int, column: int, value: Cell, lang: str = "zh") -> Any:
    """A value as itself; a text is a text, whatever it begins with: no cell of ours is a formula."""
    cell = sheet.cell(row, column)
    cell.value = value.in_(lang) if isinstance(value, Say) else value
    if isinstance(cell.value, str):
        cell.data_type = "s"
    return cell


def _cover(sheet: Any, document: Document, lang: str, hash_: str) -> None:
    lines: list[tuple[str, str]] = [
        ("", document.office.in_(lang)), ("", document.number.in_(lang)), ("", document.title.in_(lang)),
        *bulletin_document.head(document, lang),
    ]  # fmt: skip
    for section in document.sections:
        lines += [(section.title.in_(lang), one.in_(lang)) for one in section.words]
    lines += [("", one) for one in bulletin_document.foot(document, lang, hash_)]
    for n, (name, text) in enumerate(lines, 1):
        _put(sheet, n, 1, name).font = _BOLD
        _put(sheet, n, 2, text).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 90


def _sheet(sheet: Any, table: Table, lang: str) -> None:
    _put(sheet, 1, 1, table.title, lang).font = Font(bold=True, size=13)
    for n, note in enumerate(table.notes[:1]):
        _put(sheet, 2 + n, 1, note, lang).font = _HINT
    if not table.rows:
        _put(sheet, _FIRST, 1, table.nothing, lang)
        return
    beside = len(table.columns) + 1
    for n, column in enumerate(table.columns, 1):
        head = _put(sheet, _FIRST, n, column.name, lang)
        head.font, head.fill = _BOLD, _HEAD
        formula = _put(sheet, _FIRST + 1, n, column.formula, lang)
        formula.font, formula.alignment = _HINT, Alignment(wrap_text=True, vertical="top")
    if table.formulas:
        _put(sheet, _FIRST, beside, Say("怎么算", "What it counts"), lang).font = _BOLD
    for at, row in enumerate(table.rows, _FIRST + 2):
        for n, cell in enumerate(row, 1):
            _put(sheet, at, n, cell, lang)
        if table.formulas:
            _put(sheet, at, beside, table.formulas[at - _FIRST - 2], lang).font = _HINT
    sheet.column_dimensions["A"].width = 24
    for n in range(2, beside + 1):
        sheet.column_dimensions[get_column_letter(n)].width = 16
    sheet.freeze_panes = sheet.cell(_FIRST + 2, 2)
    _chart(sheet, table, lang)


def _chart(sheet: Any, table: Table, lang: str) -> None:
    rows = bulletin_document.drawn(table)
    if not rows or table.chart is None:
        return
    chart = LineChart() if table.chart.kind == "line" else BarChart()
    if isinstance(chart, BarChart):
        chart.type = "bar"
        chart.y_axis.scaling.min = 0
        chart.x_axis.scaling.orientation = "maxMin"
    chart.title = table.chart.title.in_(lang)
    last = _FIRST + 1 + len(rows)
    for n in table.chart.columns:
        chart.add_data(Reference(sheet, min_col=n + 1, min_row=_FIRST + 2, max_row=last))
        chart.series[-1].tx = _titled(sheet, n)
    chart.set_categories(Reference(sheet, min_col=1, min_row=_FIRST + 2, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.height, chart.width = (8.0 if table.chart.kind == "line" else 4.0 + 0.7 * len(rows)), 18.0
    sheet.add_chart(chart, f"{get_column_letter(len(table.columns) + 3)}{_FIRST}")


def _titled(sheet: Any, column: int) -> Any:
    """A series is called like its column."""
    letter = get_column_letter(column + 1)
    return SeriesLabel(strRef=StrRef(f"'{sheet.title}'!${letter}${_FIRST}"))
