"""A bulletin as a Word document: A4 as an official notice, headings as styles, tables, bars in cells of a table."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from hotline.errors import Say
from sla import bulletin_document, bulletin_zip
from sla.bulletin_document import Document, Section, Table, shown
from sla.bulletin_html import ordinal

RED, ACT = RGBColor(0xB3, 0x21, 0x1B), RGBColor(0x0B, 0x57, 0xA4)
FANGSONG, HEI, LATIN = "仿宋", "黑体", "Times New Roman"
_BARS = 24
"""The longest bar, in full blocks."""


def made(document: Document, lang: str, hash_: str) -> bytes:
    """The file."""
    paper = docx.Document()
    _lighten(paper)
    _page(paper)
    core = paper.core_properties
    core.title, core.author = document.title.in_(lang), document.office.in_(lang)
    core.subject, core.last_modified_by, core.comments = document.number.in_(lang), document.office.in_(lang), hash_
    core.revision = 1
    _centred(paper, document.office.in_(lang), 28, RED, bold=True)
    _centred(paper, document.number.in_(lang), 14)
    _rule(_centred(paper, "", 4))
    _centred(paper, document.title.in_(lang), 20, bold=True)
    for name, text in bulletin_document.head(document, lang):
        _centred(paper, f"{name}{'：' if lang == 'zh' else ': '}{text}", 12)
    for n, section in enumerate(document.sections, 1):
        _section(paper, n, section, lang)
    for line in bulletin_document.foot(document, lang, hash_):
        _small(paper, line)
    out = io.BytesIO()
    paper.save(out)
    return bulletin_zip.packed(out.getvalue(), document.issued_at)


def _lighten(paper: Any) -> None:
    """Leave out what the library's template brings for Word of 2010 and a picture of an empty page: half a megabyte."""
    for rels in (paper.part.rels, paper.part.package.rels):
        for key in [key for key, one in rels.items() if one.reltype.endswith(("stylesWithEffects", "thumbnail"))]:
            del rels[key]


def _page(paper: Any) -> None:
    part = paper.sections[0]
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.top_margin, part.bottom_margin, part.left_margin, part.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    _letter(paper.styles["Normal"], FANGSONG, 14)
    for level, size in ((1, 16), (2, 13)):
        style = paper.styles[f"Heading {level}"]
        _letter(style, HEI, size)
        style.font.color.rgb = RGBColor(0x17, 0x20, 0x2B)
    foot = part.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = foot.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001 - the library has no page number of its own


def _letter(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _centred(paper: Any, text: str, size: float, color: RGBColor | None = None, *, bold: bool = False) -> Any:
    line = paper.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    if color is not None:
        run.font.color.rgb = color
    return line


def _rule(line: Any) -> None:
    """A red line below: 红头."""
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "1"), ("color", "B3211B")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    line._p.get_or_add_pPr().append(border)  # noqa: SLF001 - the library draws no borders


def _small(paper: Any, text: str) -> None:
    run = paper.add_paragraph().add_run(text)
    run.font.size = Pt(9)


def _section(paper: Any, n: int, section: Section, lang: str) -> None:
    paper.add_heading(f"{ordinal(n, lang)}{section.title.in_(lang)}", 1)
    for one in section.words:
        line = paper.add_paragraph(one.in_(lang))
        line.paragraph_format.first_line_indent = Pt(28)
    for table in section.tables:
        _table(paper, table, lang)


def _table(paper: Any, table: Table, lang: str) -> None:
    paper.add_heading(table.title.in_(lang), 2)
    if not table.rows:
        paper.add_paragraph(table.nothing.in_(lang))
        return
    _bars(paper, table, lang)
    grid = paper.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    cells = iter(_cells(grid))
    for one in table.columns:
        _fill(next(cells), one.name.in_(lang), is_head=True)
    _repeated(grid.rows[0])
    for row in table.rows:
        for n, value in enumerate(row):
            text = shown(value, lang, table.columns[n])
            _fill(next(cells), text, is_number=bulletin_document.is_figures(table, n))
    for note in table.notes:
        _small(paper, note.in_(lang))


def _cells(grid: Any) -> list[Any]:
    """All cells, row by row, read once: each way that the library offers reads the whole table for each cell."""
    found: list[Any] = grid._cells  # noqa: SLF001 - see above
    return found


def _fill(
    cell: Any, text: str, *, is_head: bool = False, is_number: bool = False, color: RGBColor | None = None
) -> None:
    line = cell.paragraphs[0]
    run = line.add_run(text)
    run.font.size, run.font.bold = Pt(9), is_head
    if color is not None:
        run.font.color.rgb = color
    if is_number:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if is_head:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E8F0FA")):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - the library shades no cells


def _repeated(row: Any) -> None:
    """The head stands again on the next page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - the library repeats no heads


def _bars(paper: Any, table: Table, lang: str) -> None:
    """The first column of the picture as bars of blocks: they print, copy and read aloud as text."""
    rows = bulletin_document.drawn(table)
    if not rows or table.chart is None or table.chart.kind != "bar":
        return
    most = max(values[0] or 0 for _, values in rows) or 1
    cells = iter(_cells(paper.add_table(rows=len(rows), cols=2)))
    for name, values in rows:
        left, right = next(cells), next(cells)
        _fill(left, name.in_(lang) if isinstance(name, Say) else name)
        first = values[0] or 0
        _fill(right, "█" * max(1 if first else 0, round(_BARS * first / most)), color=ACT)
        left.width, right.width = Mm(55), Mm(100)
