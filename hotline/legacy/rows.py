"""One row of an export read by its mapping: a legacy case with moments in UTC and codes of ours, or its fault. Pure."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

import msgspec

from hotline import vault
from hotline.city import City
from hotline.legacy.faults import Fault, Refused
from hotline.legacy.mapping import CODED, Column, Rules, checks
from hotline.legacy.sheet import LONGEST, Cell, Line

LENGTHS = {"number": 64, "title": 200, "place": 200, "phone": 40, "name": 60, "address": 200, "source": 60}
"""Characters at most; anything else may have LONGEST."""
_OWN_ZONE = re.compile(
    r"\d:\d\d.*?(?:[Zz]|[+\-−]\d{1,2}:?\d{0,2}|\s(?:UTC|GMT|[A-Z]{2,4}T)(?:[+\-]\d+)?|\[[\w/]+\])\s*$"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_BROKEN = re.compile(r"[\ud800-\udfff]")
_YEARS = (1901, 2198)
"""What the city's calendar reaches, with a year to spare at both ends."""


class Legacy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that can become a case. ``closed`` None: still open. Empty texts and codes mean nothing was said."""

    row: int
    number: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    words: str
    title: str
    note: str
    place: str
    source: str
    phone: str
    name: str
    address: str
    matter: str
    unit: str
    county: str
    township: str
    kind: str
    urgency: str
    line: str
    reason: str
    grade: str


class Reader:
    """Reads the rows of one sheet. Raises ``Refused`` for a row, with the first thing that is wrong with it."""

    def __init__(self, rules: Rules, header: list[str], city: City, now: datetime) -> None:
        self.rules = rules
        self.header = header
        self.now = now
        self.city = city
        self._at = {name: n for n, name in enumerate(header)}
        self._known = checks(city)
        self._codes: dict[tuple[str, str], str] = {}
        self._earliest = datetime.combine(rules.file.earliest, datetime.min.time(), rules.zone).astimezone(UTC)
        self._open = {text.strip() for text in rules.file.status.open}
        self._closed = {text.strip() for text in rules.file.status.closed}
        self._seen: dict[str, int] = {}
        columns = rules.file.columns
        self._places = {f: self._where(getattr(columns, f)) for f in columns.__struct_fields__}

    def _where(self, column: Column) -> list[int]:
        return [self._at[name] for name in ([column] if isinstance(column, str) else column) if name]

    def read(self, line: Line) -> Legacy | Fault:
        """The legacy case of a line, or why it is refused."""
        if line.fault is not None:
            return line.fault
        try:
            self._sound(line.cells)
            one = self._case(line)
        except Refused as refused:
            return refused.fault
        self._seen[one.number] = line.number
        return one

    def number_of(self, line: Line) -> str:
        """The origin number of a line as far as it can be read, for the report."""
        where = self._places["number"]
        if not where or where[0] >= len(line.cells):
            return ""
        return str(line.cells[where[0]] or "").strip()

    def _sound(self, cells: list[Cell]) -> None:
        """No broken bytes, control characters or endless cells anywhere, mapped or not."""
        for n, cell in enumerate(cells):
            if isinstance(cell, str):
                if len(cell) > LONGEST:
                    raise Refused("overlong", column=self.header[n], got=len(cell), most=LONGEST)
                if not cell.isprintable():
                    if _BROKEN.search(cell):
                        raise Refused("broken_bytes", column=self.header[n], encoding=self.rules.file.encoding)
                    if _CONTROL.search(cell):
                        raise Refused("control_characters", column=self.header[n])

    def _case(self, line: Line) -> Legacy:
        cells = line.cells
        number = self._text(cells, "number")
        if not number:
            raise Refused("no_number")
        if number in self._seen:
            raise Refused("duplicate", first=self._seen[number])
        opened = self._moment(cells, "opened")
        if opened is None:
            raise Refused("no_date", column=self.rules.file.columns.opened)
        target, closed = self._moment(cells, "target"), self._closing(cells)
        self._in_order(opened, target, closed)
        words = self._text(cells, "words")
        if not words:
            raise Refused("no_words")
        codes = {name: self._code(cells, name) for name in CODED}
        place = self._text(cells, "place")
        if self.rules.file.find_place and place and not self._places["county"]:
            self._find(place, codes)
        unit = self.city.unit(codes["unit"]) if codes["unit"] and closed is None else None
        if unit is not None and not unit.is_on:
            raise Refused("unit_off", value=codes["unit"])
        return Legacy(
            row=line.number, number=number, opened=opened, target=target, closed=closed, words=words, place=place,
            title=self._text(cells, "title"), note=self._text(cells, "note"), source=self._text(cells, "source"),
            phone=self._phone(cells), name=self._text(cells, "name"), address=self._text(cells, "address"), **codes,
        )  # fmt: skip

    def _text(self, cells: list[Cell], field: str) -> str:
        where = self._places[field]
        if not where:
            return ""
        if len(where) == 1:
            text = str(cells[where[0]] or "").strip()
        else:
            parts = (str(cells[n] or "").strip() for n in where)
            text = self.rules.file.joiner.join(dict.fromkeys(part for part in parts if part))
        most = LENGTHS.get(field, LONGEST)
        if len(text) > most:
            raise Refused("overlong", column=self.header[where[0]], got=len(text), most=most)
        return text

    def _code(self, cells: list[Cell], name: str) -> str:
        """The code of ours for a coded cell: by the mapping's table, as our own code, or the default."""
        raw = self._text(cells, name)
        if (name, raw) in self._codes:
            return self._codes[name, raw]
        default: str = getattr(self.rules.file.defaults, name, "")
        code = default
        if raw:
            code = getattr(self.rules.file, name).get(raw, raw)
            if code and not self._known[name](code):
                if name not in self.rules.file.defaults.unknown:
                    raise Refused("unknown_code", column=self.header[self._places[name][0]], value=raw)
                code = default
        self._codes[name, raw] = code
        return code

    def _find(self, place: str, codes: dict[str, str]) -> None:
        found = self.city.find_place(place)
        if found is not None:
            codes["county"], codes["township"] = found.county, found.township or ""

    def _phone(self, cells: list[Cell]) -> str:
        text = self._text(cells, "phone")
        if text and len(vault.normal_phone(text)) not in range(5, 17):
            raise Refused("bad_phone", column=self.header[self._places["phone"][0]])
        return text

    def _closing(self, cells: list[Cell]) -> datetime | None:
        """The closing time, held against the status where there is one."""
        closed = self._moment(cells, "closed")
        if not self._places["status"]:
            return closed
        status = self._text(cells, "status")
        if status in self._closed:
            if closed is None:
                raise Refused("closed_without_date")
        elif status in self._open:
            if closed is not None:
                raise Refused("open_with_closing_date")
        else:
            raise Refused("unknown_code", column=self.rules.file.columns.status, value=status)
        return closed

    def _in_order(self, opened: datetime, target: datetime | None, closed: datetime | None) -> None:
        columns = self.rules.file.columns
        if opened < self._earliest:
            raise Refused("too_old", column=columns.opened, earliest=self.rules.file.earliest.isoformat())
        for moment, column in ((opened, columns.opened), (closed, columns.closed)):
            if moment is not None and moment > self.now:
                raise Refused("future_date", column=column)
        if closed is not None and closed < opened:
            raise Refused("closed_before_opened")
        if target is not None and target < opened:
            raise Refused("target_before_opened")

    def _moment(self, cells: list[Cell], field: str) -> datetime | None:
        where = self._places[field]
        if not where:
            return None
        cell = cells[where[0]]
        text = cell.isoformat(" ") if isinstance(cell, datetime) else (cell or "").strip()
        if not text:
            return None
        naive = cell if isinstance(cell, datetime) else self._parsed(text, self.header[where[0]])
        if not _YEARS[0] <= naive.year <= _YEARS[1]:
            raise Refused("bad_date", column=self.header[where[0]], value=text)
        if naive.tzinfo is not None:
            return naive.astimezone(UTC)
        return self._placed(naive, text, self.header[where[0]])

    def _parsed(self, text: str, column: str) -> datetime:
        for form in self.rules.file.dates:
            with contextlib.suppress(ValueError):
                return datetime.strptime(text, form)  # noqa: DTZ007 - the mapping's zone follows
        code = "foreign_zone" if _OWN_ZONE.search(text) else "bad_date"
        raise Refused(code, column=column, value=text, zone=self.rules.file.zone)

    def _placed(self, naive: datetime, text: str, column: str) -> datetime:
        """The moment of a wall-clock time; an hour that never was or was twice is not guessed."""
        zone = self.rules.zone
        earlier = naive.replace(tzinfo=zone, fold=0)
        first, second = earlier.utcoffset(), naive.replace(tzinfo=zone, fold=1).utcoffset()
        if first == second:
            return earlier.astimezone(UTC)
        if first is not None and second is not None and first < second:
            raise Refused("time_gap", column=column, value=text, zone=self.rules.file.zone)
        if self.rules.file.ambiguous == "refuse":
            raise Refused("time_twice", column=column, value=text, zone=self.rules.file.zone)
        return naive.replace(tzinfo=zone, fold=int(self.rules.file.ambiguous == "later")).astimezone(UTC)
