"""A bulletin as a page: the article that stands on our pages, and the same as a file of its own. Pure."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from hotline.errors import Say
from sla import bulletin_document
from sla.bulletin_document import Cell, Column, Document, Section, Table, shown

_STYLE = (
    "body{font:16px/1.75 FangSong,'Noto Serif CJK SC',serif;max-width:60em;margin:2em auto;padding:0 1em;color:#17202b}"
    "h1,h2,h3,summary{font-family:SimHei,'Noto Sans CJK SC',sans-serif}.red{color:#b3211b;text-align:center}"
    ".red-line{border-bottom:3px solid #b3211b;text-align:center;padding-bottom:.4em}h1{text-align:center}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0}th,td{border:1px solid #758195;padding:.2em .5em}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".hint{color:#5c687a;font-size:.85em;overflow-wrap:anywhere}svg{max-width:100%;height:auto}.scroll{overflow-x:auto}@media(max-width:40rem){svg{max-width:none}}"
)
_BAR, _GAP, _LEFT, _WIDE = 14, 10, 190, 700
_LOOKS = ("#0B57A4", "#758195")
_LONG = 20
"""Rows from which a table under its picture is folded."""


Rows: TypeAlias = list[tuple[str | Say, list[float | None]]]


def file(document: Document, lang: str, hash_: str) -> bytes:
    """A page of its own, with nothing fetched from anywhere."""
    tag = "en" if lang == "en" else "zh-CN"
    title = escape(document.title.in_(lang))
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{_STYLE}</style></head>\n<body>\n{article(document, lang, hash_)}\n</body>\n</html>\n"
    ).encode()


def article(document: Document, lang: str, hash_: str) -> str:
    """The bulletin itself as HTML, every text of it escaped; one h1, a section a part, a table a figure."""
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>"
        for name, text in bulletin_document.head(document, lang)
    )
    number = escape(document.number.in_(lang) or Say("未定稿", "Not final").in_(lang))
    parts = "\n".join(_section(n, one, lang) for n, one in enumerate(document.sections, 1))
    foot = "".join(f'<p class="hint">{escape(line)}</p>' for line in bulletin_document.foot(document, lang, hash_))
    return (
        f'<article class="bulletin"><p class="red">{escape(document.office.in_(lang))}</p>\n'
        f'<p class="red-line">{number}</p>\n<h1>{escape(document.title.in_(lang))}</h1>\n'
        f'<dl class="facts">{facts}</dl>\n{parts}\n{foot}</article>'
    )


def _section(n: int, section: Section, lang: str) -> str:
    words = "".join(
        f"<p>{'<br>'.join(map(escape, one.in_(lang).splitlines()))}</p>" for one in section.words
    )  # fmt: skip
    tables = "\n".join(_table(one, lang) for one in section.tables)
    title = f"{_ordinal(n, lang)}{escape(section.title.in_(lang))}"
    return f'<section id="part-{section.key}"><h2>{title}</h2>\n{words}{tables}</section>'


def _ordinal(n: int, lang: str) -> str:
    """一、二、… 十一、 in Chinese; 1. 2. in English."""
    if lang == "en":
        return f"{n}. "
    digits = "〇一二三四五六七八九十"
    text = digits[n] if n <= 10 else f"{digits[n // 10] if n >= 20 else ''}十{digits[n % 10] if n % 10 else ''}"
    return f"{text}、"


ordinal = _ordinal


def _table(table: Table, lang: str) -> str:
    title = escape(table.title.in_(lang))
    if not table.rows:
        return f'<h3>{title}</h3><p class="empty">{escape(table.nothing.in_(lang))}</p>'
    numbers = [bulletin_document.is_figures(table, n) for n in range(len(table.columns))]
    heads = "".join(
        f'<th scope="col"{" class=n" if number else ""}>{escape(one.name.in_(lang))}</th>'
        for one, number in zip(table.columns, numbers, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, table.columns, numbers, lang)}</tr>" for row in table.rows)
    notes = "".join(f'<p class="hint">{escape(one.in_(lang))}</p>' for one in table.notes)
    picture = _picture(table, lang)
    sheet = (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table class="sheet">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    if picture and len(table.rows) > _LONG:
        sheet = f"<details><summary>{Say('看表', 'Show the table').in_(lang)}</summary>{sheet}</details>"
    return f"<figure><h3>{title}</h3>{picture}{sheet}{notes}</figure>"


def _cells(row: tuple[Cell, ...], columns: tuple[Column, ...], numbers: list[bool], lang: str) -> str:
    first, *rest = (escape(shown(cell, lang, one)) for cell, one in zip(row, columns, strict=True))
    return f'<th scope="row">{first}</th>' + "".join(
        f"<td{' class=n' if number else ''}>{text}</td>" for text, number in zip(rest, numbers[1:], strict=True)
    )


def _picture(table: Table, lang: str) -> str:
    """Bars lying one below the other, or a line over time; the table below says the same in figures."""
    rows = bulletin_document.drawn(table)
    if not rows or table.chart is None:
        return ""
    most = max(value for _, values in rows for value in values if value is not None)
    heads = [table.columns[n].name.in_(lang) for n in table.chart.columns]
    inside, tall = (_lines if table.chart.kind == "line" else _bars)(rows, most, lang)
    legend = "".join(
        f'<rect x="{_LEFT + 150 * n}" y="4" width="12" height="12" fill="{_LOOKS[n]}"/>'
        f'<text x="{_LEFT + 18 + 150 * n}" y="15" font-size="13">{escape(one)}</text>'
        for n, one in enumerate(heads)
    )
    label = escape(f"{table.chart.title.in_(lang)} {' / '.join(heads)}")
    return (  # a phone shows its left end at full size and pans: shrunken, its words were of six pixels
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        f'<svg class="bars" viewBox="0 0 {_LEFT + _WIDE + 80} {tall}" role="img" aria-label="{label}"'
        f' fill="currentColor" width="{_LEFT + _WIDE + 80}" height="{tall}">{legend}{inside}</svg></div>'
    )


def _bars(rows: Rows, most: float, lang: str) -> tuple[str, int]:
    parts, y = [], 28
    for name, values in rows:
        middle = y + _BAR * len(values) / 2 + 5
        text = escape(_cut(name.in_(lang) if isinstance(name, Say) else name, lang))
        parts.append(f'<text x="{_LEFT - 8}" y="{middle:g}" text-anchor="end" font-size="13">{text}</text>')
        for n, value in enumerate(values):
            wide = round(_WIDE * (value or 0) / most, 1)
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{wide:g}" height="{_BAR - 2}" fill="{_LOOKS[n]}"/>'
                f'<text x="{_LEFT + wide + 6:g}" y="{y + 11}" font-size="12">{_number(value)}</text>'
            )
            y += _BAR
        y += _GAP
    return "".join(parts), y


def _lines(rows: Rows, most: float, lang: str) -> tuple[str, int]:
    tall, top = 200, 34
    step = _WIDE / max(1, len(rows) - 1)
    parts = [(
        f'<line x1="{_LEFT}" y1="{top + tall}" x2="{_LEFT + _WIDE}" y2="{top + tall}" stroke="#758195"/>'
        f'<text x="{_LEFT - 8}" y="{top + 5}" text-anchor="end" font-size="12">{_number(most)}</text>'
        f'<text x="{_LEFT - 8}" y="{top + tall + 4}" text-anchor="end" font-size="12">0</text>'
    )]
    for n in range(len(rows[0][1])):
        points = " ".join(
            f"{round(_LEFT + step * at, 1):g},{round(top + tall - tall * (values[n] or 0) / most, 1):g}"
            for at, (_, values) in enumerate(rows)
        )
        dash = ' stroke-dasharray="6 4"' if n else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_LOOKS[n]}" stroke-width="2.5"{dash}/>')
    for at in sorted({0, len(rows) // 2, len(rows) - 1}):
        name = rows[at][0]
        text = escape(name.in_(lang) if isinstance(name, Say) else name)
        x = f"{round(_LEFT + step * at, 1):g}"
        parts.append(f'<text x="{x}" y="{top + tall + 18}" text-anchor="middle" font-size="12">{text}</text>')
    return "".join(parts), top + tall + 30


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _cut(text: str, lang: str) -> str:
    most = 26 if lang == "en" else 13
    return text if len(text) <= most else f"{text[: most - 1]}…"
