"""A bulletin as PDF, set as an official notice: red head, number, title, parts, tables, pictures, page numbers.

No font file: STSong-Light is one of the fonts that every viewer brings. The bytes hold no clock, no chance and no
compressor, so that the same content gives the same file on another day and machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from html import escape
from typing import Any

from reportlab.graphics.charts.barcharts import HorizontalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import CondPageBreak, HRFlowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from hotline.errors import Say
from sla import bulletin_document
from sla.bulletin_document import Document, Section, Table, shown
from sla.bulletin_html import ordinal

SONG = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(SONG))
RED, ACT, PAST, EDGE = (colors.HexColor(one) for one in ("#B3211B", "#0B57A4", "#758195", "#758195"))
WIDTH = A4[0] - 54 * mm - 12
_SMALL = 8
_ROOM = 30 * mm
"""A head does not stand alone at the foot of a page: so much has to follow it there."""


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=SONG, fontSize=size, leading=leading, wordWrap="CJK", **more)


OFFICE = _style("office", 26, 36, textColor=RED, alignment=TA_CENTER, spaceAfter=4)
NUMBER = _style("number", 13, 20, alignment=TA_CENTER, spaceAfter=4)
TITLE = _style("title", 20, 30, alignment=TA_CENTER, spaceBefore=14, spaceAfter=10)
FACT = _style("fact", 11, 18, alignment=TA_CENTER)
PART = _style("part", 15, 24, spaceBefore=14, spaceAfter=4)
QUESTION = _style("question", 12, 19, spaceBefore=8, spaceAfter=3)
BODY = _style("body", 12, 21, firstLineIndent=24)
CELL = _style("cell", 9, 13)
FIGURE = _style("figure", 9, 13, alignment=TA_RIGHT)
NOTE = _style("note", 8.5, 13, textColor=colors.HexColor("#445064"))


def made(document: Document, lang: str, hash_: str) -> bytes:
    """The file."""
    out = io.BytesIO()
    pages = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=28 * mm, rightMargin=26 * mm, topMargin=30 * mm, bottomMargin=28 * mm,
        title=document.title.in_(lang), author=document.office.in_(lang), subject=document.number.in_(lang),
        creator="hotline", lang="en" if lang == "en" else "zh-CN", pageCompression=0, invariant=1,
    )  # fmt: skip
    story: list[Any] = [
        _words(document.office.in_(lang), OFFICE), _words(document.number.in_(lang), NUMBER),
        HRFlowable(width="100%", thickness=2, color=RED, spaceAfter=4), _words(document.title.in_(lang), TITLE),
        *(_words(f"{name}{'：' if lang == 'zh' else ': '}{text}", FACT)
          for name, text in bulletin_document.head(document, lang)),
        Spacer(1, 8),
    ]  # fmt: skip
    for n, section in enumerate(document.sections, 1):
        story += _section(n, section, lang)
    story.append(Spacer(1, 14))
    story.append(HRFlowable(width="100%", thickness=0.5, color=EDGE, spaceAfter=4))
    story += [_words(line, NOTE) for line in bulletin_document.foot(document, lang, hash_)]
    running = f"{document.office.in_(lang)}  {document.number.in_(lang)}"

    def page(canvas: Any, template: Any) -> None:
        canvas.setFont(SONG, 9)
        canvas.setFillColor(colors.HexColor("#445064"))
        if template.page > 1:
            canvas.drawString(28 * mm, A4[1] - 20 * mm, running)
        text = f"— {template.page} —"
        canvas.drawCentredString(A4[0] / 2, 16 * mm, text)

    pages.build(story, onFirstPage=page, onLaterPages=page)
    return out.getvalue()


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph("<br/>".join(map(escape, text.splitlines())), style)


def _section(n: int, section: Section, lang: str) -> Iterable[Any]:
    blocks = [_table(table, lang) for table in section.tables]
    below = blocks[0][0] if blocks and not section.words else 0.0
    parts: list[Any] = [CondPageBreak(_ROOM + below), _words(f"{ordinal(n, lang)}{section.title.in_(lang)}", PART)]
    parts += [_words(one.in_(lang), BODY) for one in section.words]
    for at, (room, block) in enumerate(blocks):
        parts += [*([CondPageBreak(room)] if at or section.words else []), *block]
    return parts


def _table(table: Table, lang: str) -> tuple[float, list[Any]]:
    """What a table consists of, and the room that its beginning needs on one page."""
    title = _words(table.title.in_(lang), QUESTION)
    if not table.rows:
        return _ROOM, [title, _words(table.nothing.in_(lang), BODY)]
    picture = _picture(table, lang)
    notes = [_words(one.in_(lang), NOTE) for one in table.notes]
    grid = _grid(table, lang)
    if picture is None:
        return _ROOM, [title, grid, *notes]
    return _ROOM + picture.height, [title, picture, grid, *notes]


def _grid(table: Table, lang: str) -> Grid:
    numbers = [bulletin_document.is_figures(table, n) for n in range(len(table.columns))]
    styles = [FIGURE if number else CELL for number in numbers]
    heads = [_words(one.name.in_(lang), style) for one, style in zip(table.columns, styles, strict=True)]
    body = [
        [_words(shown(cell, lang, column), style)
         for cell, column, style in zip(row, table.columns, styles, strict=True)]
        for row in table.rows
    ]  # fmt: skip
    return Grid(
        [heads, *body], colWidths=_widths(table, numbers, lang), repeatRows=1,
        style=[("GRID", (0, 0), (-1, -1), 0.4, EDGE), ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E8F0FA")),
               ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("TOPPADDING", (0, 0), (-1, -1), 2),
               ("BOTTOMPADDING", (0, 0), (-1, -1), 3), ("LEFTPADDING", (0, 0), (-1, -1), 4),
               ("RIGHTPADDING", (0, 0), (-1, -1), 4)],
    )  # fmt: skip


def _widths(table: Table, numbers: list[bool], lang: str) -> list[float]:
    """Figures get what they need, words share the rest by how long they are."""
    longest = [
        max(min(_length(shown(row[n], lang, one)), 40) for row in (*table.rows, tuple(c.name for c in table.columns)))
        for n, one in enumerate(table.columns)
    ]
    weights = [max(5.0, size) if number else max(8.0, size) for size, number in zip(longest, numbers, strict=True)]
    return [WIDTH * one / sum(weights) for one in weights]


def _length(text: str) -> float:
    return sum(1.0 if ord(one) > 255 else 0.55 for one in text)


def _picture(table: Table, lang: str) -> Drawing | None:
    rows = bulletin_document.drawn(table)
    if not rows or table.chart is None:
        return None
    names = [_short(name.in_(lang) if isinstance(name, Say) else name, lang) for name, _ in rows]
    series = [[values[n] for _, values in rows] for n in range(len(table.chart.columns))]
    is_line = table.chart.kind == "line"
    tall = 150.0 if is_line else 26.0 + len(rows) * (10 + 9 * len(series))
    drawing = Drawing(WIDTH, tall + 24)
    chart = _line(names, series, tall) if is_line else _bars(names, series, tall)
    drawing.add(chart)
    drawing.add(_legend([table.columns[n].name.in_(lang) for n in table.chart.columns], tall))
    return drawing


def _bars(names: list[str], series: list[list[float | None]], tall: float) -> HorizontalBarChart:
    chart = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = 110, 16, WIDTH - 150, tall - 18
    chart.data = [list(reversed(one)) for one in reversed(series)]
    chart.categoryAxis.categoryNames = list(reversed(names))
    chart.valueAxis.valueMin = 0
    chart.barLabelFormat = _number
    chart.barLabels.fontName, chart.barLabels.fontSize, chart.barLabels.boxAnchor = SONG, 7.5, "w"
    chart.barLabels.dx = 3
    for n in range(len(series)):
        chart.bars[n].fillColor = ACT if n == len(series) - 1 else PAST
        chart.bars[n].strokeColor = None
    _letter(chart)
    return chart


def _line(names: list[str], series: list[list[float | None]], tall: float) -> HorizontalLineChart:
    chart = HorizontalLineChart()
    chart.x, chart.y, chart.width, chart.height = 34, 22, WIDTH - 50, tall - 26
    chart.data = series
    every = max(1, len(names) // 8)
    chart.categoryAxis.categoryNames = [one[5:] if n % every == 0 else "" for n, one in enumerate(names)]
    chart.valueAxis.valueMin = 0
    for n in range(len(series)):
        chart.lines[n].strokeColor = (ACT, PAST)[n % 2]
        chart.lines[n].strokeWidth = 1.6
        chart.lines[n].strokeDashArray = None if n == 0 else [4, 3]
    _letter(chart)
    return chart


def _letter(chart: Any) -> None:
    for axis in (chart.categoryAxis, chart.valueAxis):
        axis.labels.fontName, axis.labels.fontSize = SONG, 8
        axis.strokeColor = EDGE
    most = max((value for one in chart.data for value in one if value is not None), default=0)
    if most <= _SMALL:  # counts of a few have no halves
        chart.valueAxis.valueStep = 1
    chart.valueAxis.gridStrokeColor, chart.valueAxis.visibleGrid = colors.HexColor("#D3DAE3"), True


def _legend(heads: list[str], tall: float) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.boxAnchor = 34, tall + 20, "nw"
    legend.fontName, legend.fontSize, legend.columnMaximum, legend.deltax = SONG, 8.5, 1, 90
    legend.alignment, legend.dx, legend.dy = "right", 8, 8
    legend.colorNamePairs = list(zip((ACT, PAST), heads, strict=False))
    return legend


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _short(text: str, lang: str) -> str:
    most = 22 if lang == "en" else 11
    return text if len(text) <= most else f"{text[: most - 1]}…"
