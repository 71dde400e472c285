"""The city as data: one immutable snapshot in memory of units, places, matters, lines, calendar and the city's numbers.

Everything has effective dates: a code has one version a day (rules.md 9). Changing it is ``hotline.city_tables``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

import msgspec

from hotline import clock, db
from hotline.city_calendar import read_calendar
from hotline.city_nouns import (
    CalendarDays,
    Day,
    Jurisdiction,
    Line,
    Matter,
    PromiseVersion,
    RelatedNumber,
    Rule,
    Statute,
    Township,
    Unit,
)
from hotline.errors import Say
from hotline.places import Index, Place

__all__ = [
    "CITY", "CalendarDays", "City", "Day", "Jurisdiction", "Line", "Matter", "Place", "PromiseVersion",
    "RelatedNumber", "Rule", "Statute", "Township", "Unit", "current", "load", "refresh", "use",
]

CITY = "city"
"""The owner county of a case whose place nobody knows."""


class _Dated(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


_T = TypeVar("_T", bound=_Dated)
_History = dict[str, tuple[_T, ...]]


class City:
    """The city as it was read at one version on one day. Nothing in it changes; lookups are dictionary reads."""

    def __init__(self, rows: Mapping[str, Iterable[Mapping[str, Any]]], version: int, day: date) -> None:
        self.version = version
        self.day = day
        self._units = _history((Unit(**r) for r in rows["unit"]), "code")
        self._jurisdictions = _history((Jurisdiction(**_tuples(r)) for r in rows["jurisdiction"]), "code")
        self._townships = _history((Township(**r) for r in rows["township"]), "code")
        self._matters = _history((Matter(**r) for r in rows["matter"]), "code")
        self._lines = _history((Line(**_tuples(r)) for r in rows["line"]), "number")
        self.units: dict[str, Unit] = _on_day(self._units, day)
        self.jurisdictions: dict[str, Jurisdiction] = _on_day(self._jurisdictions, day)
        self.townships: dict[str, Township] = _on_day(self._townships, day)
        self.matters: dict[str, Matter] = _on_day(self._matters, day)
        self.lines: dict[str, Line] = _on_day(self._lines, day)
        self.open_lines = {number: one for number, one in self.lines.items() if one.phase in ("trial", "live")}
        """Lines on which somebody can call today: neither planned nor retired."""
        self.related_numbers = {r["number"]: RelatedNumber(**_tuples(r)) for r in rows["related_number"]}
        self.rules: dict[str, Rule] = {r["key"]: _rule(r) for r in rows["rule"]}
        self.promises = tuple(PromiseVersion(**r) for r in rows.get("promise_version", ()))
        """Versions of clock profiles, those of days to come too; ``sla.targets.of`` lays today's over the rules."""
        self.statutes: dict[str, Statute] = {r["code"]: Statute(**r) for r in rows.get("statute", ())}
        self._aliases = {alias: line for line in self.lines.values() for alias in line.aliases}
        self._children: dict[str, list[str]] = {}
        for unit in self.units.values():
            self._children.setdefault(unit.parent or "", []).append(unit.code)
        known = [date.fromisoformat(str(self.rule(f"calendar.announced_{edge}"))) for edge in ("from", "through")]
        self.calendar = read_calendar(
            rows["calendar_day"], rows.get("local_day", ()), rows.get("working_hours", ()), *known
        )
        self.places = Index(
            (one for history in self._jurisdictions.values() for one in history),
            (one for history in self._townships.values() for one in history),
        )

    def unit(self, code: str, on: date | None = None) -> Unit | None:
        """The unit as of ``on`` (today by default)."""
        return self.units.get(code) if on is None else _version(self._units, code, on)

    def subtree(self, code: str) -> tuple[str, ...]:
        """The code and every unit below it today, parents first."""
        found = {code: None}
        for one in (todo := [code]):
            fresh = [below for below in self._children.get(one, ()) if below not in found]
            found.update(dict.fromkeys(fresh))
            todo.extend(fresh)
        return tuple(found)

    def heir(self, code: str, on: date | None = None) -> str | None:
        """The unit that answers for ``code`` on that day: itself, or its successor down the line; None if nobody."""
        seen: set[str] = set()
        one: str | None = code
        while one and one not in seen:
            if self.unit(one, on or self.day):
                return one
            seen.add(one)
            history = self._units.get(one)
            one = history[0].successor if history else None
        return None

    def gone_unit(self, code: str) -> Unit | None:
        """The last version of a unit that was and is no more."""
        return self._units[code][0] if code in self._units and code not in self.units else None

    def gone_units(self) -> list[str]:
        """Codes of units that were and are no more."""
        return [code for code in self._units if code not in self.units]

    def matter(self, code: str, on: date | None = None) -> Matter | None:
        """The matter as of ``on`` (today by default)."""
        return self.matters.get(code) if on is None else _version(self._matters, code, on)

    def line(self, number: str) -> Line | None:
        """Today's line with this number, or the one that had it before (961890 is 12345)."""
        return self.lines.get(number) or self._aliases.get(number)

    def is_answering(self, number: str, at: datetime | None = None) -> bool:
        """Whether the line with this number, or the one that had it before, is within its hours (now by default)."""
        line = self.line(number)
        return line is not None and line.is_open(at or clock.now(), self.calendar)

    def jurisdiction(self, code: str, on: date | None = None) -> Jurisdiction | None:
        """The county as of ``on`` (today by default)."""
        return self.jurisdictions.get(code) if on is None else _version(self._jurisdictions, code, on)

    def any_jurisdiction(self, code: str) -> Jurisdiction | None:
        """The county's latest version, abolished or not: old cases still name it."""
        history = self._jurisdictions.get(code)
        return history[0] if history else None

    def every_jurisdiction(self) -> list[Jurisdiction]:
        """The latest version of every county there ever was, by code."""
        return sorted((history[0] for history in self._jurisdictions.values()), key=lambda one: one.code)

    def township(self, code: str, on: date | None = None) -> Township | None:
        """The township as of ``on`` (today by default)."""
        return self.townships.get(code) if on is None else _version(self._townships, code, on)

    def county_of(self, code: str, on: date | None = None) -> str | None:
        """The county that governs a village, township or county code on a day, following successors both ways.

        None when it cannot be said: an unknown code, or a county that was divided (its township decides).
        """
        day = on or self.day
        if len(code) >= 9:
            township = _version(self._townships, code[:9], day)
            return township.county if township else None
        seen: set[str] = set()
        one: str | None = code
        while one and one not in seen:
            seen.add(one)
            history = self._jurisdictions.get(one)
            if not history:
                return None
            if _version(self._jurisdictions, one, day):
                return one
            one = self._before(one, day) if day < history[-1].valid_from else history[0].successor
        return None

    def counties_after(self, code: str, on: date | None = None) -> tuple[str, ...]:
        """Where the townships of a county are governed on a day: several for one that was divided."""
        day = on or self.day
        heirs = {
            county
            for township, history in self._townships.items()
            if any(one.county == code for one in history) and (county := self.county_of(township, day))
        }
        return tuple(sorted(heirs))

    def find_place(self, text: str, on: date | None = None, *, villages: bool = False) -> Place | None:
        """The place that a text names, as governed on a day: longest names first, abolished ones by their successors.

        A divided county without a township keeps its old code and carries ``candidates``. ``villages`` also looks for
        villages within what was named. About 30 µs for 200 characters.
        """
        return self.places.find(text, self, on or self.day, villages=villages)

    def lead_unit(
        self, matter: str, county: str | None, township: str | None = None, on: date | None = None
    ) -> str | None:
        """Who leads a matter at a place on a day; None sends the case to the dispatcher's desk.

        TERR: the county's government (by its township where one is known); FUNC and UTIL: the matter's own lead.
        """
        day = on or self.day
        one = self.matter(matter, day)
        if one is None:
            return None
        if one.route == "TERR":
            place = (self.county_of(township, day) if township else None) or (county and self.county_of(county, day))
            lead = self.heir(place, day) if place else None
        else:
            lead = self.heir(one.lead_unit, day)
        unit = self.unit(lead, day) if lead else None
        return unit.code if unit and unit.is_on else None

    def trying(self, matter: Matter) -> City:
        """This snapshot as if the matter stood so on every day: for previews of a change."""
        matter = msgspec.structs.replace(matter, valid_from=date.min, valid_to=None)
        trial = copy.copy(self)
        trial.matters = {**self.matters, matter.code: matter}
        trial._matters = {**self._matters, matter.code: (matter,)}  # noqa: SLF001 - a copy of our own
        return trial

    def rule(self, key: str) -> str | int | float:
        """One of the city's own numbers, "visit.tries". KeyError when there is none of that name."""
        return self.rules[key].value

    def _before(self, code: str, day: date) -> str | None:
        return next(
            (old for old, history in self._jurisdictions.items()
             if history[0].successor == code and _version(self._jurisdictions, old, day)),
            None,
        )


_current: City | None = None

_QUERIES = {
    kind: f"SELECT {', '.join(struct.__struct_fields__)} FROM {kind}"
    for kind, struct in {"unit": Unit, "jurisdiction": Jurisdiction, "township": Township, "matter": Matter,
                         "line": Line, "related_number": RelatedNumber,
                         "statute": Statute, "promise_version": PromiseVersion}.items()
} | {
    "calendar_day": "SELECT day, is_working, name_zh, name_en FROM calendar_day",
    "local_day": "SELECT jurisdiction, day, is_working, name_zh, name_en FROM local_day",
    "working_hours": "SELECT jurisdiction, valid_from, hours FROM working_hours ORDER BY valid_from",
    "rule": "SELECT key, value, unit, note_zh, note_en, source FROM rule",
}
_VERSION = "SELECT version FROM city_version"


def current() -> City:
    """The snapshot of this process. RuntimeError before the first ``load()``."""
    if _current is None:
        msg = "the city is not loaded: call hotline.city.load() first"
        raise RuntimeError(msg)
    return _current


async def load() -> City:
    """Read the whole city, a short query a kind; it becomes this process's snapshot. KeyError: it was not seeded."""
    global _current  # one process, one city
    async with db.reading() as connection:
        version = await connection.fetchval(_VERSION)
        while True:
            rows = {kind: await connection.fetch(sql) for kind, sql in _QUERIES.items()}
            after = await connection.fetchval(_VERSION)
            if after == version:  # nobody changed anything while we read
                break
            version = after
    _current = City(rows, version, clock.today())
    return _current


async def refresh() -> City:
    """The snapshot, read anew if reference data changed or a new day began; else one tiny query."""
    async with db.reading() as connection:
        version = await connection.fetchval(_VERSION)
    if _current is None or version != _current.version or clock.today() != _current.day:
        return await load()
    return _current


def use(city: City | None) -> None:
    """Stand a snapshot in place (tests do; None takes it away)."""
    global _current
    _current = city


def _history(versions: Iterable[_T], key: str) -> _History[_T]:
    found: dict[str, list[_T]] = {}
    for one in versions:
        found.setdefault(getattr(one, key), []).append(one)
    return {code: tuple(sorted(h, key=lambda v: v.valid_from, reverse=True)) for code, h in sorted(found.items())}


def _version(history: _History[_T], code: str, on: date) -> _T | None:
    for one in history.get(code, ()):
        if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to):
            return one
    return None


def _on_day(history: _History[_T], day: date) -> dict[str, _T]:
    return {code: one for code in history if (one := _version(history, code, day)) is not None}


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _rule(row: Mapping[str, Any]) -> Rule:
    value: str | int | float = row["value"]
    if row["unit"] not in ("text", "date"):
        number = float(row["value"])
        value = int(number) if number.is_integer() else number
    return Rule(row["key"], value, row["unit"], Say(row["note_zh"], row["note_en"]), row["source"])
