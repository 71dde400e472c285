"""Rows of a sheet of ratings that come from elsewhere: read from CSV or XLSX, each row good or refused with its reason.

Pure but for the city's units and the day. Only the columns named here are read: no names, no numbers, no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice

import msgspec

from cases import grades
from hotline import cells, city, clock, tables_in
from hotline.errors import Say
from hotline.tables_in import plain, wrong

MOST_ROWS, MOST_BYTES = 20_000, 5_000_000
LONGEST = 120
EARLIEST = date(2000, 1, 1)
COLUMNS: dict[str, tuple[Say, frozenset[str]]] = {
    "no": (Say("编号", "id"), frozenset({"编号", "评价编号", "流水号", "id", "no"})),
    "unit": (Say("单位", "unit"), frozenset({"单位", "单位代码", "部门", "unit"})),
    "place": (Say("窗口", "window"), frozenset({"窗口", "事项", "指标", "place", "window"})),
    "day": (Say("日期", "date"), frozenset({"日期", "评价日期", "评价时间", "date", "day"})),
    "grade": (Say("评价", "grade"), frozenset({"评价", "满意度", "得分", "分数", "grade", "score"})),
    "scale": (Say("等级制", "scale"), frozenset({"等级制", "scale"})),
}
"""What a column may be called; ``place`` and ``scale`` may be missing."""
NEEDED = ("no", "unit", "day", "grade")
_SCALES = {"四级": "four", "五级": "five", "百分制": "hundred"} | {code: code for code in grades.SCALES}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One rating from elsewhere in plain values; ``grade`` is one of our four, else there is a ``score``."""

    row: int
    no: str
    unit: str
    place: str
    day: date
    scale: str
    raw: str
    grade: str | None
    score: Decimal | None


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why one row is refused: which column, and the cell, cut short."""

    row: int
    no: str
    code: str
    column: str = ""
    value: str = ""

    @property
    def say(self) -> Say:
        """The sentence."""
        return FAULTS[self.code]


FAULTS: dict[str, Say] = {
    "no_id": Say("没有编号，认不出是不是已导入过。", "No id: nobody could tell whether it came before."),
    "twice": Say("同一编号在文件里出现两次，内容不同。", "The id stands twice in the file with other contents."),
    "differs": Say("这个编号导入过，内容不同；已导入的不改。", "This id came before with other contents; it stays."),
    "no_unit": Say("没有写单位。", "The unit is missing."),
    "unit": Say("找不到这个单位（用单位代码或全称）。", "No such unit; use its code or full name."),
    "no_day": Say("没有写日期。", "The date is missing."),
    "day": Say("日期读不懂，如 2026-11-26。", "Not a date, such as 2026-11-26."),
    "future": Say("日期还没到。", "The date is in the future."),
    "old": Say("日期早于 2000 年。", "The date is before 2000."),
    "scale": Say("等级制不认识：四级、五级或百分制。", "Unknown scale: four, five or hundred."),
    "no_grade": Say("没有评价。未评价不是一档，不要导入。", "No grade. Unrated is no grade; leave it out."),
    "grade": Say("这一档不在所选的等级制里。", "That grade is not one of this scale."),
    "digit": Say("请写文字，不写数字：各系统的 1 有的最好有的最差。",
                 "Write the word: 1 is the best in one system, the worst in another."),
    "score": Say("百分制要写 0 到 100 的数，最多两位小数。", "A number from 0 to 100, two decimals at most."),
    "long": Say(f"有一格超过 {LONGEST} 字。", f"A cell is longer than {LONGEST} characters."),
}  # fmt: skip


def read(data: bytes, name: str, scale: str) -> tuple[list[Line], list[Fault], int]:
    """Good rows, refused rows, and how many there were. Raises the 422 refusal for a file that is no such sheet.

    ``scale`` holds where a row names none. The same id twice with the same contents is one row.
    """
    rows = list(islice(tables_in.rows(data, name), MOST_ROWS + 2))
    if not rows:
        raise wrong(Say("文件是空的。", "The file is empty."))
    if len(rows) - 1 > MOST_ROWS:
        raise wrong(Say(f"一次最多 {MOST_ROWS} 行，请分开导入。", f"At most {MOST_ROWS} rows; split the file."))
    places = _header(rows[0][1])
    reader = _Reader(places, scale)
    for number, row in rows[1:]:
        reader.take(number, row)
    return list(reader.good.values()), reader.refused, len(rows) - 1


def report(faults: Iterable[Fault]) -> bytes:
    """The refused rows as a CSV file with a mark that spreadsheets know UTF-8 by; no cell is taken for a formula."""
    head = ["行 row", "编号 id", "列 column", "内容 value", "原因 reason", "reason (English)"]
    return cells.sheet([head, *(
        [one.row, one.no, COLUMNS[one.column][0].zh if one.column else "", one.value, one.say.zh, one.say.en]
        for one in faults
    )])  # fmt: skip


def _header(row: Sequence[object]) -> dict[str, int]:
    names = [str(cell or "").strip().lstrip("\ufeff").casefold() for cell in row]
    places = {}
    for key, (_, known) in COLUMNS.items():
        found = [at for at, one in enumerate(names) if one in known]
        if len(found) > 1:
            say = COLUMNS[key][0]
            raise wrong(Say(f"有两列都像“{say.zh}”，请留一列。", f"Two columns could be “{say.en}”; keep one."))
        places.update({key: found[0]} if found else {})
    missing = [COLUMNS[key][0] for key in NEEDED if key not in places]
    if missing:
        zh, en = "、".join(one.zh for one in missing), ", ".join(one.en for one in missing)
        raise wrong(Say(f"第一行要有这些列名：{zh}。", f"The first row must name these columns: {en}."))
    return places


class _Reader:
    """Row by row: what is good by its id, and what is refused."""

    def __init__(self, places: dict[str, int], scale: str) -> None:
        self.places, self.scale, self.today = places, scale, clock.today()
        self.units = _units()
        self.good: dict[str, Line] = {}
        self.refused: list[Fault] = []

    def take(self, row: int, row_cells: Sequence[object]) -> None:
        """One row."""
        given = {key: row_cells[at] if at < len(row_cells) else None for key, at in self.places.items()}
        no = plain(given.get("no"))[:LONGEST]
        try:
            line = self._line(row, no, given)
        except _No as fault:
            self._refuse(row, no, fault)
            return
        before = self.good.setdefault(no, line)
        if msgspec.structs.replace(line, row=before.row) != before:
            self._refuse(row, no, _No("twice", "no", no))

    def _refuse(self, row: int, no: str, fault: _No) -> None:
        self.refused.append(Fault(row=row, no=no[:40], code=fault.code, column=fault.column, value=fault.value))

    def _line(self, row: int, no: str, given: dict[str, object]) -> Line:
        for key, value in given.items():
            if len(plain(value)) > LONGEST:
                raise _No("long", key, plain(value))
        if not no:
            raise _No("no_id", "no")
        scale = _SCALES.get(plain(given.get("scale")).casefold() or self.scale, "")
        if not scale:
            raise _No("scale", "scale", plain(given.get("scale")))
        raw = plain(given.get("grade"))
        grade, score = (None, _score(raw)) if scale == "hundred" else (_grade(raw, scale), None)
        return Line(
            row=row, no=no, unit=self._unit(plain(given.get("unit"))), place=plain(given.get("place")),
            day=self._day(given.get("day")), scale=scale, score=score,
            raw=grade if grade is not None else str(score),
            grade=grades.four(grade, scale) if grade is not None else None,
        )  # fmt: skip

    def _unit(self, text: str) -> str:
        if not text:
            raise _No("no_unit", "unit")
        if (found := self.units.get(text.casefold())) is None:
            raise _No("unit", "unit", text)
        return found

    def _day(self, cell: object) -> date:
        if isinstance(cell, datetime | date):
            day = cell.date() if isinstance(cell, datetime) else cell
        else:
            day = _day_of(plain(cell))
        if day > self.today:
            raise _No("future", "day", str(day))
        if day < EARLIEST:
            raise _No("old", "day", str(day))
        return day


class _No(Exception):  # noqa: N818 - the row is refused, the import goes on
    def __init__(self, code: str, column: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, value[:40]


def _units() -> dict[str, str]:
    """Codes and names of units to their codes; a name that two have is nobody's."""
    found: dict[str, str] = {}
    for code, unit in city.current().units.items():
        for name in {unit.name_zh.casefold(), unit.name_en.casefold()}:
            found[name] = "" if found.get(name, code) != code else code
    found = {name: code for name, code in found.items() if code}
    return found | {code.casefold(): code for code in city.current().units}


def _day_of(text: str) -> date:
    if not text:
        raise _No("no_day", "day")
    if (match := _DAY.fullmatch(text)) is None:
        raise _No("day", "day", text)
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise _No("day", "day", text) from None


def _grade(raw: str, scale: str) -> str:
    if not raw:
        raise _No("no_grade", "grade")
    if raw.replace(".", "", 1).isdigit():
        raise _No("digit", "grade", raw)
    if not (found := grades.read(raw, scale)):
        raise _No("grade", "grade", raw)
    return found


def _score(raw: str) -> Decimal:
    if not raw:
        raise _No("no_grade", "grade")
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise _No("score", "grade", raw) from None
    if not number.is_finite() or not 0 <= number <= 100 or number != round(number, 2):
        raise _No("score", "grade", raw)
    return round(number, 2)
