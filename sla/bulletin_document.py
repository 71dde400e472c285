"""A bulletin's content as it is frozen: sections of words and tables, in both languages, as canonical JSON. Pure.

Page, PDF, Word and spreadsheet are made of this and of nothing else, so that they come out the same for ever.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TypeAlias

import msgspec

from hotline import clock
from hotline.errors import Say
from sla import small_cells

FORM = "hotline.bulletin.1"
"""The name of this form; another form gets another name, and old bulletins keep theirs."""
FEW = 5
"""Public cells below this say ``<5`` (domain.md 2.15)."""
HIDDEN, BESIDE = small_cells.SMALL, small_cells.KEPT
"""What a second cell says that would tell, by subtraction, the only hidden one of its column."""
Cell: TypeAlias = str | int | float | Say | None
"""A float is a rate or a change in percent, two decimals; None is "no such figure"."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its head, and what is counted in it or over what it is a rate."""

    name: Say
    formula: Say = Say("", "")
    is_percent: bool = False


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a table: these columns over the first one; ``kind`` bar or line, ``most`` rows of it."""

    title: Say
    columns: tuple[int, ...]
    kind: str = "bar"
    most: int = 12


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: the first column names the row. ``notes`` explain it, ``formulas`` a row each where rows differ."""

    key: str
    title: Say
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    nothing: Say = Say("这段时间没有。", "None in this period.")
    formulas: tuple[Say, ...] = ()
    notes: tuple[Say, ...] = ()
    chart: Chart | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the bulletin: its words first, then its tables. ``is_words``: a person wrote it."""

    key: str
    title: Say
    words: tuple[Say, ...] = ()
    tables: tuple[Table, ...] = ()
    is_words: bool = False


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """The newest seal of the public ledger when the bulletin was issued; ``hotline verify --root`` takes ``hash``."""

    no: int
    hash: str
    last: int
    at: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """All that a bulletin says. Days and moments are ISO texts; ``issued_at`` "" and ``number`` empty in a draft."""

    form: str = FORM
    kind: str
    audience: str
    title: Say
    office: Say
    number: Say = Say("", "")
    slug: str = ""
    first: str
    last: str
    issued_at: str = ""
    facts_at: str = ""
    replaces: Say = Say("", "")
    reason: Say = Say("", "")
    sections: tuple[Section, ...]
    root: Root | None = None


_encode = msgspec.json.Encoder(order="sorted").encode


def frozen(document: Document) -> str:
    """The one spelling of a document: JSON with sorted keys and no spaces, in UTF-8."""
    return _encode(document).decode()


def opened(text: str) -> Document:
    """The document again. Raises msgspec.ValidationError for what is none."""
    return msgspec.json.decode(text, type=Document)


def digest(text: str) -> bytes:
    """SHA-256 of the frozen text: stored beside it, noted in the log of acts, printed on the bulletin."""
    return sha256(text.encode()).digest()


def rate(good: int, total: int) -> float | None:
    """A percentage with two decimals; None of nothing."""
    return round(100 * good / total, 2) if total else None


def change(now: Cell, before: Cell) -> float | None:
    """By how many percent a count grew; None from nothing, or where one of them is hidden."""
    if not isinstance(now, int) or not isinstance(before, int) or not before:
        return None
    return round(100 * (now - before) / before, 1)


def shown(cell: Cell, lang: str, column: Column | None = None) -> str:
    """A cell as people read it; "—" where there is no figure."""
    if cell is None:
        return "—"
    if isinstance(cell, Say):
        return cell.in_(lang)
    if isinstance(cell, float):
        text = f"{cell:.2f}".rstrip("0").rstrip(".")
        return f"{text} %" if column is not None and column.is_percent else text
    return f"{cell:,}" if isinstance(cell, int) else cell


def guarded(rows: list[list[Cell]], parts: tuple[int, ...]) -> tuple[tuple[Cell, ...], ...]:
    """Rows for the public: counts of 1 to 4 hidden, and in a column of parts what would give them away.

    ``parts`` are the columns that add up to a figure known elsewhere: one hidden count alone is what is missing from
    it, and several are told when only one set of counts fits (small_cells). A rate is hidden where it is made.
    """
    for column in range(1, max(map(len, rows), default=0)):
        cells = {str(n): row[column] for n, row in enumerate(rows) if type(row[column]) is int}
        few = {key: HIDDEN for key, n in cells.items() if 0 < n < FEW}  # type: ignore[operator]
        told = small_cells.hidden(cells) if column in parts else {}  # type: ignore[arg-type] # ints
        if set(told.values()) == {small_cells.KEPT}:  # nothing of it is told, not even where there are none
            told = dict.fromkeys(cells, small_cells.KEPT)
        for key, mark in {**few, **told}.items():
            rows[int(key)][column] = mark
    return tuple(map(tuple, rows))


def day(text: str, lang: str) -> str:
    """The local day of an ISO moment or day as people write it; "" of nothing."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    one = clock.local_day(moment) if moment.tzinfo else moment.date()
    return f"{one.day} {one:%B %Y}" if lang == "en" else f"{one.year} 年 {one.month} 月 {one.day} 日"


def head(document: Document, lang: str) -> list[tuple[str, str]]:
    """What stands under the title: period, date, state of the data, what it replaces. Pairs of name and text."""
    first, last = day(document.first, lang), day(document.last, lang)
    facts = [
        (Say("统计期间", "Period"), first if first == last else f"{first} – {last}"),
        (Say("签发日期", "Issued"), day(document.issued_at, lang)),
        (Say("数据取到", "Data as of"), day(document.facts_at, lang)),
        (Say("更正并取代", "Corrects and replaces"), document.replaces.in_(lang)),
        (Say("更正说明", "What was corrected"), document.reason.in_(lang)),
    ]
    return [(name.in_(lang), text) for name, text in facts if text]


def foot(document: Document, lang: str, hash_: str) -> list[str]:
    """The last lines: by what anybody proves that it is unchanged."""
    lines = [Say(f"本期数据的 SHA-256：{hash_}", f"SHA-256 of this issue's data: {hash_}")] if hash_ else []
    if document.root is not None:
        root = document.root
        lines.append(Say(
            f"签发时公开账本的最新封签：第 {root.no} 号，到第 {root.last} 条，{root.hash}",
            f"Newest seal of the public ledger when issued: no. {root.no}, up to entry {root.last}, {root.hash}",
        ))  # fmt: skip
        how = "hotline verify --from {} --root {}"
        lines.append(Say(f"验证：{how.format('账本文件', '封签')}", f"To verify: {how.format('LEDGER', 'SEAL')}"))
    return [one.in_(lang) for one in lines]


def drawn(table: Table) -> list[tuple[str | Say, list[float | None]]]:
    """What a picture of the table shows: a name a row and its figures; None for what is hidden or missing."""
    if table.chart is None:
        return []
    rows = table.rows[: table.chart.most]
    names = [row[0] if isinstance(row[0], str | Say) else str(row[0]) for row in rows]
    values = [[_plain(row[n]) for n in table.chart.columns] for row in rows]
    return list(zip(names, values, strict=True)) if any(any(one) for one in values) else []


def _plain(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


def is_figures(table: Table, column: int) -> bool:
    """Whether a column holds figures, which stand to the right."""
    return column > 0 and (
        table.columns[column].is_percent
        or any(isinstance(row[column], int | float) or row[column] in (HIDDEN, BESIDE) for row in table.rows)
    )
