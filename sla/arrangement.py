"""A year's official arrangement of holidays as people have it: CSV (or cells pasted from a sheet) and ICS. Pure.

A line is ``2027-01-01,休,元旦`` or ``2027-02-05/2027-02-11,休,春节,Spring Festival``; days that are as usual anyway (a
weekend inside a holiday) say nothing and are left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from hotline.city_nouns import Day
from hotline.errors import Say

MOST_LINES = 400
MOST_FAULTS = 20
_WORKS = ("1", "班", "上班", "补班", "调休上班", "work", "working", "true")
_RESTS = ("0", "休", "休息", "放假", "rest", "off", "false")
KINDS = {word: word in _WORKS for word in (*_WORKS, *_RESTS)}
ENGLISH = {
    "元旦": "New Year's Day", "春节": "Spring Festival", "清明节": "Tomb-Sweeping Day", "清明": "Tomb-Sweeping Day",
    "劳动节": "Labour Day", "端午节": "Dragon Boat Festival", "端午": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival", "中秋": "Mid-Autumn Festival", "国庆节": "National Day", "国庆": "National Day",
    "国庆节、中秋节": "National Day and Mid-Autumn Festival", "除夕": "New Year's Eve",
}  # fmt: skip
_ICS = re.compile(r"BEGIN:VEVENT(.*?)END:VEVENT", re.DOTALL)
_FIELD = r"^{}(?:;[^:\n]*)?:(.*)$"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong in a line (1 is the first)."""

    line: int
    say: Say


class Arrangement(msgspec.Struct):
    """The days of a year that differ from Monday to Friday, or the faults for which it is refused whole."""

    days: dict[date, Day] = msgspec.field(default_factory=dict)
    faults: list[Fault] = msgspec.field(default_factory=list)

    @property
    def rest(self) -> int:
        """Weekdays on which nobody works."""
        return sum(not one.is_working for one in self.days.values())

    @property
    def made_up(self) -> int:
        """Weekend days that are worked."""
        return sum(one.is_working for one in self.days.values())


class _Line(msgspec.Struct):
    """Days as a line tells them."""

    n: int
    first: date
    last: date
    works: bool
    zh: str
    en: str


def read(text: str, year: int) -> Arrangement:
    """Read an arrangement of ``year``; every fault at once, by its line."""
    found = Arrangement()
    told: dict[date, int] = {}
    for one in _ics(text) if "BEGIN:VCALENDAR" in text else _csv(text):
        if isinstance(one, Fault):
            found.faults.append(one)
        else:
            _take(found, told, one, year)
        if len(found.faults) >= MOST_FAULTS:
            break
    if not told and not found.faults:
        found.faults.append(Fault(1, Say("里面没有日子。", "There is no day in it.")))
    return found


def _take(found: Arrangement, told: dict[date, int], one: _Line, year: int) -> None:
    if one.last < one.first or (one.last - one.first).days > 31:
        say = Say("结束的日子要在开始之后 31 天以内。", "The last day is within 31 days after the first.")
        found.faults.append(Fault(one.n, say))
        return
    for n in range((one.last - one.first).days + 1):
        day = one.first + timedelta(days=n)
        if day.year != year:
            found.faults.append(Fault(one.n, Say(f"{day} 不在 {year} 年。", f"{day} is not in {year}.")))
            return
        if day in told:
            say = Say(f"{day} 在第 {told[day]} 行已写过。", f"{day} is in line {told[day]} already.")
            found.faults.append(Fault(one.n, say))
            return
        told[day] = one.n
        if one.works != (day.weekday() < 5):
            found.days[day] = Day(one.works, Say(one.zh, one.en))


def _csv(text: str) -> Iterator[_Line | Fault]:
    lines = text.replace("\t", ",").replace("，", ",").splitlines()
    if len(lines) > MOST_LINES:
        yield Fault(MOST_LINES + 1, Say(f"最多 {MOST_LINES} 行。", f"At most {MOST_LINES} lines."))
        return
    for n, cells in enumerate(csv.reader(lines), 1):
        row = [cell.strip().lstrip("\ufeff") for cell in cells]
        if any(row) and not (n == 1 and not re.match(r"\d", row[0])):
            yield _line(n, row)


def _line(n: int, row: list[str]) -> _Line | Fault:
    days, kind, zh, en = [*row, "", "", "", ""][:4]
    first, _, last = re.sub(r"\s*(?:至|~|—)\s*", "/", days).partition("/")
    begins, ends = _day(first), _day(last or first)
    if begins is None or ends is None:
        said = days[:30]
        return Fault(n, Say(f"“{said}” 不是日子，请写 2027-01-01。", f"“{said}” is no day; write 2027-01-01."))
    works = KINDS.get(kind.lower())
    if works is None:
        return Fault(n, Say("第 2 列请写 休 或 班（也可写 0 或 1）。", "Column 2 says 休 or 班 (or 0 or 1)."))
    if not zh:
        return Fault(n, Say("第 3 列要写名称，如 元旦。", "Column 3 needs a name, such as 元旦."))
    return _Line(n, begins, ends, works, zh[:40], (en or _english(zh))[:80])


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", text.strip())
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _english(zh: str) -> str:
    """The name in English where it is a known one, else as it is."""
    plain = re.sub(r"[（(]?(?:调休上班|调休|补班|上班|放假|休|班)[）)]?$", "", zh)
    known = ENGLISH.get(plain)
    if known is None:
        return zh
    return f"Working day made up for {known}" if re.search("班", zh) else known


def _ics(text: str) -> Iterator[_Line | Fault]:
    plain = re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n")
    for found in _ICS.finditer(plain):
        n = plain.count("\n", 0, found.start()) + 1
        name = _ics_field(found[1], "SUMMARY")
        begins = _day(_ics_field(found[1], "DTSTART")[:8])
        ends = _day(_ics_field(found[1], "DTEND")[:8])
        if begins is None or not name:
            yield Fault(n, Say("这一条没有日子或名称。", "This entry has no day or no name."))
            continue
        works = bool(re.search("班", name))
        zh = re.sub(r"\s*[（(]?(?:休|放假)[）)]?$", "", name) or name
        last = ends - timedelta(days=1) if ends is not None and ends > begins else begins
        yield _Line(n, begins, last, works, zh[:40], _english(zh)[:80])


def _ics_field(entry: str, name: str) -> str:
    found = re.search(_FIELD.format(name), entry, re.MULTILINE)
    return re.sub(r"\\([,;])", r"\1", found[1].strip()) if found else ""
