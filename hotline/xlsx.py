"""A spreadsheet (XLSX) of plain cells, the same bytes for the same rows: no clock, no name of a program in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" \
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{sheets}</Types>"""
_SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet{n}.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rels}</Relationships>"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Cell = str | int | float


def workbook(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> bytes:
    """The file: sheets by name, each with its rows; text stays text, numbers are numbers."""
    given = list(sheets)
    numbers = range(1, len(given) + 1)
    rel = '<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
    parts = {
        "[Content_Types].xml": _TYPES.format(sheets="".join(_SHEET_TYPE.format(n=n) for n in numbers)),
        "_rels/.rels": _RELS.format(rels=rel.format(n=1, kind=f"{_RELATED}/officeDocument", target="xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _RELS.format(rels="".join(
            rel.format(n=n, kind=f"{_RELATED}/worksheet", target=f"worksheets/sheet{n}.xml") for n in numbers
        )),
        "xl/workbook.xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<workbook xmlns="{_MAIN}" '
        f'xmlns:r="{_RELATED}"><sheets>' + "".join(
            f'<sheet name="{escape(name[:31], {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
            for n, (name, _) in enumerate(given, 1)
        ) + "</sheets></workbook>",
        **{f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, (_, rows) in enumerate(given, 1)},
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, text)
    return out.getvalue()


def _sheet(rows: Iterable[Sequence[Cell]]) -> str:
    body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{_MAIN}">'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        plain = "".join(sign for sign in value if sign >= " " or sign in "\t\n")
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'
    return f"<c><v>{value}</v></c>"
