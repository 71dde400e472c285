"""A sheet of the catalogue read as lines, or refused whole: each fault by its cell, with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import msgspec

from hotline.city import City
from hotline.errors import Say
from routing import book, gaps, sheets
from routing.book import Book, Key, Line
from routing.catalogue_faults import faults, tier_of
from routing.sheets import ALL, Grid

MOST_FAULTS = 100
TIERS = ("2", "3", "4", "5")
_SPLIT = re.compile(r"[\s,，、;；]+")
_WORDS = {
    "requester": {"个人": "person", "企业": "enterprise", "全部": "", ALL: "", "all": ""},
    "lead": {"属地": book.PLACE, "主管": book.MATTER},
    "route": {"属地": "TERR", "职能": "FUNC", "公用事业": "UTIL"},
}
_DAY = Say("日期写成 2026-11-25 这样。", "Write the day like 2026-11-25.")
_FORMULA = Say(
    "这一格是还没算出值的公式，请在表格软件里打开保存一次，或只粘贴数值。",
    "This cell is a formula without a value: open and save the sheet once, or paste values only.",
)
_READ = (*sheets.NEEDED, "co_handlers", "tier", "valid_from", "valid_to")


class Fault(msgspec.Struct, frozen=True):
    """One cell that cannot stand: its name, what it holds, and what to do."""

    cell: str
    holds: str
    say: Say


class Checked(msgspec.Struct, frozen=True):
    """A sheet's lines, or why it is refused; ``more`` faults were found beyond those that are told."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    more: int = 0


def check(grid: Grid, from_day: date, city: City) -> Checked:
    """Every line of the sheet as it is to stand from ``from_day`` on, or every fault. A line's id is minus its row."""
    lines: list[Line] = []
    found: list[Fault] = []
    for number, cells in grid.rows:
        line, wrong = _line(number, cells, from_day, city)
        found += [Fault(grid.cell(name, number), cells.get(name, ""), say) for name, say in wrong.items()]
        if line is not None and not wrong:
            lines.append(line)
    if not grid.rows:
        say = Say("表头下面没有任何一行。", "There is no row below the head.")
        found.append(Fault("A2", "", say))
    found += _meetings(lines, grid)
    if not found:
        found += _gaps(lines, grid, from_day, city)
    found.sort(key=lambda one: (int(re.sub(r"\D", "", one.cell) or 0), len(one.cell), one.cell))
    return Checked(tuple(lines), tuple(found[:MOST_FAULTS]), max(0, len(found) - MOST_FAULTS))


def _line(number: int, cells: dict[str, str], from_day: date, city: City) -> tuple[Line | None, dict[str, Say]]:
    wrong: dict[str, Say] = {}
    days: dict[str, date | None] = {}
    for name in ("valid_from", "valid_to"):
        try:
            days[name] = sheets.day_of(cells.get(name, ""))
        except ValueError:
            wrong[name], days[name] = _DAY, None
    begins = max(days["valid_from"] or from_day, from_day)
    if days["valid_to"] is not None and days["valid_to"] < from_day:
        wrong["valid_to"] = Say(
            f"这一行在 {from_day} 之前就结束了，请删去这一行。", f"This row ends before {from_day}: take the row out."
        )
    lead = _word("lead", cells.get("lead", ""))
    tier = cells.get("tier", "")
    if tier and tier not in TIERS:
        wrong["tier"] = Say("层级写 2 到 5 的数字，或留空。", "Write a tier from 2 to 5, or leave it empty.")
    wrong |= {
        name: Say("不能留空；全部写 *。", "This cannot be empty; write * for all.")
        for name in sheets.NEEDED if not cells.get(name)
    }  # fmt: skip
    wrong |= {name: _FORMULA for name in _READ if cells.get(name) == sheets.FORMULA}
    line = Line(
        id=-number, matter=_code(cells.get("matter", "")),
        place="" if cells.get("place") == ALL else cells.get("place", ""),
        requester=_word("requester", cells.get("requester", "")), lead=lead,
        co_handlers=tuple(one for one in _SPLIT.split(cells.get("co_handlers", "")) if one),
        tier=int(tier) if tier in TIERS else tier_of(lead, 0, begins, city),
        route=_word("route", cells.get("route", "")), valid_from=begins, valid_to=days["valid_to"], source="sheet",
    )  # fmt: skip
    return line, {**faults(line, city), **wrong}


def _word(column: str, text: str) -> str:
    return _WORDS[column].get(text, text)


def _code(text: str) -> str:
    """A matter's code: * is every one; a spreadsheet that took it for a number has lost its first zero."""
    if text == ALL:
        return book.EVERY
    return f"0{text}" if text.isdigit() and len(text) % 2 else text


def _meetings(lines: Sequence[Line], grid: Grid) -> list[Fault]:
    """Rows of one key that overlap, or that leave days between them on which neither stands."""
    by_key: dict[Key, list[Line]] = {}
    for line in lines:
        by_key.setdefault(line.key, []).append(line)
    found = []
    for some in by_key.values():
        some.sort(key=lambda one: (one.valid_from, -one.id))
        for one, other in pairwise(some):
            if one.valid_to is None or other.valid_from <= one.valid_to:
                say = Say(
                    f"和第 {-one.id} 行是同样的事项、地点、诉求人，日期重叠，请删去一行或错开日期。",
                    f"Row {-one.id} has the same matter, place and requester on these days: take out or part them.",
                )
                found.append(Fault(grid.cell("matter", -other.id), other.matter or ALL, say))
            elif other.valid_from > one.valid_to + timedelta(days=1):
                say = Say(
                    f"第 {-one.id} 行到 {one.valid_to} 为止，中间空了几天，请让两行的日期接上。",
                    f"Row {-one.id} ends on {one.valid_to}: no row stands for the days between; let the two meet.",
                )
                found.append(Fault(grid.cell("valid_from", -other.id), str(other.valid_from), say))
    return found


def _gaps(lines: Sequence[Line], grid: Grid, from_day: date, city: City) -> list[Fault]:
    """Matters that nobody would lead at some place by this sheet, on its first day or any later one of its own."""
    trial = Book(lines)
    told: dict[tuple[int | None, str, str], Fault] = {}
    for day in gaps.days(from_day, trial):
        for gap in gaps.check(day, city, trial).gaps:
            say = Say(
                f"{day}：事项 {gap.matter} 在 {sheets.place_name(gap.place, city, day).zh} 没有接件的单位。"
                "请写一个启用的单位，或在“单位”里启用属地政府。",
                f"{day}: nobody who takes cases leads {gap.matter} in {sheets.place_name(gap.place, city, day).en}. "
                "Name a unit that is switched on, or switch on the place's government.",
            )
            row = -gap.line if gap.line else (grid.rows[-1][0] + 1)
            column = "lead" if gap.line else "matter"
            told.setdefault((gap.line, gap.matter, gap.place), Fault(grid.cell(column, row), "", say))
    return list(told.values())
