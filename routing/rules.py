"""Dispatch rules: ordered, dated, authored conditions on facts; the first that holds wins and says why. Pure.

A rule that errs raises ``Faulty`` inside and is reported beside the answer: the next one is asked, never nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from hotline.city import City
from hotline.errors import Say
from routing.facts import Facts

STATES: dict[str, Say] = {
    "draft": Say("草稿", "Draft"),
    "live": Say("启用", "In force"),
    "off": Say("停用", "Switched off"),
    "faulty": Say("出错已停", "Failed, switched off"),
}
FAULTS: dict[str, Say] = {
    "unknown_unit": Say("规则里的单位不存在", "It names a unit that does not exist"),
    "unit_off": Say("规则里的单位停用了", "The unit it names takes no cases"),
    "unknown_field": Say("条件问的项目不存在", "A condition asks for an unknown fact"),
    "bad_value": Say("条件里的值读不懂", "The value of a condition cannot be read"),
    "error": Say("执行时出错", "It failed while being tried"),
}
SYMBOLS: dict[str, Say] = {
    "@place": Say("诉求所在地的县区政府", "The government of the place"),
    "@department": Say("事项的主管部门", "The matter's own department"),
    "@superior": Say("被投诉单位的上级", "The superior of the unit complained about"),
}
"""Units that a rule may name by what they are to the case."""
DAY_MINUTES = 24 * 60


class Faulty(Exception):  # noqa: N818 - the trade's word for such a rule
    """A rule that cannot be tried; ``code`` is a key of FAULTS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Condition(msgspec.Struct, frozen=True):
    """One thing that must hold: a field of ``routing.conditions.FIELDS``, an operator, and values as codes."""

    field: str
    operator: str
    values: tuple[str, ...]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. ``unit`` is a code, one of SYMBOLS, or "" with ``by_hand``; ``place`` is its place in the order.

    ``urgency`` "" leaves the urgency as it is. All conditions must hold; a rule without any holds always.
    """

    id: int
    place: int
    name: str
    conditions: tuple[Condition, ...] = ()
    unit: str = ""
    co_handlers: tuple[str, ...] = ()
    urgency: str = ""
    by_hand: bool = False
    note: str = ""
    valid_from: date
    valid_to: date | None = None
    state: str = "draft"
    version: int = 1
    author: UUID
    fault: str = ""

    @property
    def basis(self) -> str:
        """How a dispatch names it."""
        return f"rule:{self.id}"


class Fault(msgspec.Struct, frozen=True):
    """A rule that erred on a case, and how."""

    rule: Rule
    code: str


class Match(msgspec.Struct, frozen=True):
    """The rule that won, whom it names (None: a person decides, for the reason ``missed``) and who helps."""

    rule: Rule
    unit: str | None
    co_handlers: tuple[str, ...] = ()
    missed: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What the rules say of one case: the match or None, and the rules that erred on the way."""

    match: Match | None = None
    faults: tuple[Fault, ...] = ()


def in_force(rules: Iterable[Rule], day: date) -> list[Rule]:
    """The live rules of a day, in their order."""
    return sorted(
        (one for one in rules
         if one.state == "live" and one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)),
        key=lambda one: (one.place, one.id),
    )  # fmt: skip


def first(rules: Sequence[Rule], facts: Facts, snapshot: City, day: date) -> Answer:
    """The first of ``rules`` (in force, in order) that holds; whatever errs is passed over and reported."""
    faults: list[Fault] = []
    for rule in rules:
        try:
            if holds(rule, facts):
                return Answer(settled(rule, facts, snapshot, day), tuple(faults))
        except Faulty as fault:
            faults.append(Fault(rule, fault.code))
        except Exception:  # noqa: BLE001 - a rule that errs, however, never blocks routing
            faults.append(Fault(rule, "error"))
    return Answer(None, tuple(faults))


def holds(rule: Rule, facts: Facts) -> bool:
    """Whether every condition holds. Raises Faulty for one that cannot be read."""
    return all(_holds(one, facts) for one in rule.conditions)


def settled(rule: Rule, facts: Facts, snapshot: City, day: date) -> Match:
    """Whom a rule that holds names for this case. Raises Faulty for a unit that is gone or takes no cases."""
    helpers = tuple(dict.fromkeys(_taking(code, snapshot, day) for code in rule.co_handlers))
    if rule.by_hand:
        return Match(rule, None, missed=rule.basis)
    unit = _lead(rule.unit, facts, snapshot, day)
    if unit is None:
        return Match(rule, None, missed="rule_unplaced")
    if facts.about and unit == facts.about:
        return Match(rule, None, missed="about_itself")
    return Match(rule, unit, tuple(code for code in helpers if code not in (unit, facts.about)))


def _lead(unit: str, facts: Facts, snapshot: City, day: date) -> str | None:
    if not unit.startswith("@"):
        return _taking(unit, snapshot, day)
    if unit not in SYMBOLS:
        raise Faulty("unknown_unit")
    found = _NAMED[unit](facts, snapshot, day)
    one = snapshot.unit(found, day) if found else None
    return one.code if one is not None and one.is_on else None


def _taking(code: str, snapshot: City, day: date) -> str:
    heir = snapshot.heir(code, day)
    unit = snapshot.unit(heir, day) if heir else None
    if unit is None:
        raise Faulty("unknown_unit")
    if not unit.is_on:
        raise Faulty("unit_off")
    return unit.code


def _of_place(facts: Facts, snapshot: City, day: date) -> str | None:
    place = facts.township or facts.county
    county = snapshot.county_of(place, day) if place else None
    return snapshot.heir(county, day) if county else None


def _of_matter(facts: Facts, snapshot: City, day: date) -> str | None:
    matter = snapshot.matter(facts.matter, day) if facts.matter else None
    return snapshot.heir(matter.lead_unit, day) if matter is not None else None


def _above(facts: Facts, snapshot: City, day: date) -> str | None:
    unit = snapshot.unit(facts.about, day) if facts.about else None
    while unit is not None and unit.parent:
        unit = snapshot.unit(unit.parent, day)
        if unit is not None and unit.is_on:
            return unit.code
    return None


_NAMED: dict[str, Callable[[Facts, City, date], str | None]] = {
    "@place": _of_place, "@department": _of_matter, "@superior": _above,
}  # fmt: skip


def _holds(condition: Condition, facts: Facts) -> bool:
    if not condition.values:
        raise Faulty("bad_value")
    try:
        fact = _FACTS[condition.field](facts)
        return _OPERATORS[condition.operator](fact, condition.values)
    except KeyError:
        raise Faulty("unknown_field") from None
    except (ValueError, TypeError):
        raise Faulty("bad_value") from None


_FACTS: dict[str, Callable[[Facts], Any]] = {
    "line": lambda f: f.line, "channel": lambda f: f.channel, "kind": lambda f: f.kind, "urgency": lambda f: f.urgency,
    "matter": lambda f: f.matter, "county": lambda f: f.county or "none", "township": lambda f: f.township,
    "requester": lambda f: f.requester, "about": lambda f: f.about or "none", "words": lambda f: f.words,
    "hours": lambda f: f.minute, "weekday": lambda f: str(f.weekday),
    "day": lambda f: "working" if f.is_working_day else "rest", "flags": lambda f: f.flags,
}  # fmt: skip


def _is_one_of(fact: Any, values: tuple[str, ...]) -> bool:
    if isinstance(fact, tuple):
        return any(one in values for one in fact)
    return fact in values or ("any" in values and fact != "none")


def _is_none_of(fact: Any, values: tuple[str, ...]) -> bool:
    return not _is_one_of(fact, values)


def _begins(fact: str, values: tuple[str, ...]) -> bool:
    return fact.startswith(values)


def _has_any(fact: str, values: tuple[str, ...]) -> bool:
    return any(word in fact for word in values)


def _has_none(fact: str, values: tuple[str, ...]) -> bool:
    return not _has_any(fact, values)


def _between(fact: int, values: tuple[str, ...]) -> bool:
    return any(begin <= fact < end if begin < end else fact >= begin or fact < end for begin, end in map(hours, values))


@lru_cache(maxsize=256)
def hours(text: str) -> tuple[int, int]:
    """``22:00-06:00`` as minutes of the day; the end may lie after midnight. ValueError for anything else."""
    begin, dash, end = text.partition("-")
    if not dash:
        raise ValueError(text)
    found = (_minute(begin), _minute(end))
    if found[0] == found[1]:
        raise ValueError(text)
    return found


def _minute(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        raise ValueError(text)
    value = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or value > DAY_MINUTES:
        raise ValueError(text)
    return value


_OPERATORS: dict[str, Callable[[Any, tuple[str, ...]], bool]] = {
    "one_of": _is_one_of, "none_of": _is_none_of, "begins": _begins, "has_any": _has_any, "has_none": _has_none,
    "between": _between,
}  # fmt: skip
