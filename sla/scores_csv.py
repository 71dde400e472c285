"""Figures from a sheet: one row a unit, a column an item. Every fault is told with its line and column. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from hotline.errors import Refusal, Say
from sla.scores_formula import Entry, Formula, Given, Item

UNIT, GROUP, SAMPLE = "unit", "group", "n"
HEADS = {UNIT: ("单位", "name"), GROUP: ("组别", "类别"), SAMPLE: ("件数", "cases")}
_PART = re.compile(r"(\d+)\s*/\s*(\d+)")
_MOST = Decimal(10**9)


class Wrong(Exception):  # noqa: N818 - a fault of the sheet, collected before it is told
    """A cell that cannot be read."""

    def __init__(self, say: Say) -> None:
        super().__init__(say.en)
        self.say = say


def columns(formula: Formula) -> list[str]:
    """The columns that a sheet for this formula may have."""
    return [UNIT, *([GROUP] if len(formula.groups) > 1 else []), SAMPLE, *(one.code for one in formula.items)]


def read(formula: Formula, text: str) -> list[Entry]:
    """The units of a CSV. Raises the 422 refusal whose fields are ``line 3, satisfaction`` and the like."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _refusal({"": Say(f"这不是 CSV：{error}", f"This is not CSV: {error}")}) from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise _refusal({"line 1": Say("第 1 行要写列名。", "Line 1 must hold the names of the columns.")})
    heads = _heads(formula, rows[0])
    wrong: dict[str, Say] = {}
    found = list(_entries(formula, heads, rows, wrong))
    if not found and not wrong:
        wrong["line 2"] = Say("没有单位。", "There are no units.")
    if wrong:
        raise _refusal(wrong)
    return found


def _heads(formula: Formula, row: list[str]) -> dict[str, int]:
    """Column by code. A column may be headed by its code or its Chinese or English name."""
    known = {alias: code for code, others in HEADS.items() for alias in (code, *others)}
    for item in formula.items:
        known |= dict.fromkeys((item.code, item.name_zh, item.name_en.lower()), item.code)
    heads: dict[str, int] = {}
    wrong: dict[str, Say] = {}
    for at, cell in enumerate(row):
        name = cell.strip().lstrip("\ufeff")
        code = known.get(name) or known.get(name.lower())
        where = f"line 1, column {at + 1}"
        if code is None:
            wrong[where] = Say(f"不认得的列“{name}”。", f"Unknown column “{name}”.")
        elif code in heads:
            wrong[where] = Say(f"“{name}”有两列。", f"The column “{name}” stands there twice.")
        else:
            heads[code] = at
    for code in _needed(formula):
        if code not in heads:
            wrong[f"line 1, {code}"] = Say(f"缺“{code}”一列。", f"The column “{code}” is missing.")
    if wrong:
        raise _refusal(wrong)
    return heads


def _needed(formula: Formula) -> list[str]:
    """Columns that must be there: not those of items for which the formula itself says what a unit without gets."""
    agreed = {one.code for one in formula.items if not one.is_weighed or one.missing in ("full", "zero")}
    may_lack = agreed | {SAMPLE} | (set() if _needs_group(formula) else {GROUP})
    return [one for one in columns(formula) if one not in may_lack]


def _needs_group(formula: Formula) -> bool:
    """Where all groups are judged alike, a sheet without groups is one list; else it must say who is what."""
    return len({(one.full, formula.items_of(one.code)) for one in formula.groups}) > 1


def _entries(
    formula: Formula, heads: Mapping[str, int], rows: list[list[str]], wrong: dict[str, Say]
) -> Iterator[Entry]:
    seen: set[str] = set()
    for n, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {code: row[at].strip() if at < len(row) else "" for code, at in heads.items()}
        if len(row) > len(rows[0]):
            wrong[f"line {n}"] = Say(f"第 {n} 行比第 1 行多出 {len(row) - len(rows[0])} 格。",
                                     f"Line {n} has more cells than line 1.")
            continue
        unit = cells[UNIT]
        if not unit or unit in seen:
            wrong[f"line {n}, {UNIT}"] = (
                Say("没写单位。", "The unit is missing.") if not unit
                else Say(f"“{unit}”出现两次。", f"“{unit}” stands there twice.")
            )  # fmt: skip
            continue
        seen.add(unit)
        yield _entry(formula, cells, n, wrong)


def _entry(formula: Formula, cells: Mapping[str, str], n: int, wrong: dict[str, Say]) -> Entry:
    group = _group(formula, cells.get(GROUP, ""))
    if group is None:
        known = "、".join(one.code for one in formula.groups)
        wrong[f"line {n}, {GROUP}"] = Say(f"没有“{cells[GROUP]}”这一组，有：{known}。",
                                          f"No group “{cells[GROUP]}”; there are {known}.")
    given = {}
    items = {one.code for one in formula.items_of(group or formula.groups[0].code)}
    for item in formula.items:
        try:
            figure = _given(item, cells.get(item.code, ""))
        except Wrong as fault:
            wrong[f"line {n}, {item.code}"] = fault.say
            continue
        if item.code in items:
            given[item.code] = figure
    sample: int | None = None
    if text := cells.get(SAMPLE, ""):
        if text.isascii() and text.isdigit() and len(text) < 10:
            sample = int(text)
        else:
            wrong[f"line {n}, {SAMPLE}"] = Say(f"件数“{text}”要写整数。", f"“{text}” is no whole number of cases.")
    unit = cells[UNIT]
    return Entry(unit=unit, name_zh=unit, name_en=unit, group=group or "", given=given, sample=sample)


def _group(formula: Formula, text: str) -> str | None:
    """The group by code or name; the first where the sheet has no such column and all are judged alike."""
    if not text and not _needs_group(formula):
        return formula.groups[0].code
    return next((one.code for one in formula.groups if text in (one.code, one.name_zh, one.name_en)), None)


def _given(item: Item, text: str) -> Given:
    """``66.67``, ``66.67%`` or ``2/3``; empty: no figure."""
    if not text or text in ("-", "–", "—"):
        return Given()
    if part := _PART.fullmatch(text):
        return _of_parts(item, text, int(part[1]), int(part[2]))
    try:
        value = Decimal(text.removesuffix("%").strip()) if item.figure == "percent" else Decimal(text)
    except InvalidOperation:
        raise Wrong(Say(f"“{text}”不是数字。", f"“{text}” is not a number.")) from None
    if not value.is_finite() or abs(value) > _MOST:
        raise Wrong(Say(f"“{text}”不是数字。", f"“{text}” is not a number."))
    if item.figure == "percent" and value > 100:
        raise Wrong(Say(f"“{text}”超过 100%。", f"“{text}” is over 100 %."))
    if value < 0 and not (item.way == "off" and item.figure == "count"):
        raise Wrong(Say(f"“{text}”是负数。", f"“{text}” is negative."))
    return Given(value=value)


def _of_parts(item: Item, text: str, hits: int, n: int) -> Given:
    if item.figure != "percent":
        raise Wrong(Say(f"“{text}”要写件数或分数。", f"“{text}” must be a count."))
    if n == 0:
        raise Wrong(Say(f"“{text}”除以 0；没有数据请留空。",
                        f"“{text}” divides by nothing; leave it empty where there is no figure."))
    if hits > n:
        raise Wrong(Say(f"“{text}”超过 100%。", f"“{text}” is over 100 %."))
    return Given(hits=hits, n=n)


def _refusal(fields: dict[str, Say]) -> Refusal:
    say = Say("这张表有读不出的地方。", "The sheet cannot be read in places.")
    return Refusal(422, "figures_wrong", say, fields=fields)
