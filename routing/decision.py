"""Where an accepted case goes and who says so: sealed by hand, then the rules, then the catalogue. Pure."""

from __future__ import annotations

import copy
from datetime import date

import msgspec

from cases.file import CaseFile
from hotline.city import City
from routing import catalogue, facts, rules
from routing.book import Book
from routing.catalogue import Choice

PAST = "repeat"
"""The one fact that only somebody who looks into the past can tell."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The lead unit, or None and the code of the reason (``missed``) why a person decides.

    ``basis`` says who decided, as ``Dispatched.basis`` keeps it: rule:3, catalogue:TERR, precedent:….
    """

    unit: str | None = None
    basis: str = ""
    missed: str = ""
    co_handlers: tuple[str, ...] = ()
    urgency: str = ""
    note: str = ""
    faults: tuple[rules.Fault, ...] = ()


def decide(file: CaseFile, book: Book, day: date, snapshot: City, *, is_repeat: bool = False) -> Decision:
    """What rules and catalogue say of the case as it stands. A fault of a rule is in the answer, never raised."""
    if file.case.is_sealed:
        return Decision(missed="sealed")
    found = book.rules_on(day)
    answer = rules.first(found, facts.of(file, snapshot, is_repeat=is_repeat), snapshot, day) if found else None
    faults = answer.faults if answer is not None else ()
    if answer is not None and answer.match is not None:
        return _by_rule(answer.match, faults)
    return _by_catalogue(catalogue.choose(file, day, snapshot), faults)


def would(
    file: CaseFile, matter: str, kept: Book, day: date, snapshot: City, *, county: str = "", township: str = ""
) -> Decision:
    """Where the case would go if its matter (and place) were this: for weighing, and for choosing at the desk."""
    tried = CaseFile()
    tried.case = copy.copy(file.case)
    tried.case.matter = matter
    if county:
        tried.case.county, tried.case.township = county, township or None
    tried.requests = file.requests
    return decide(tried, kept, day, snapshot)


def _by_rule(match: rules.Match, faults: tuple[rules.Fault, ...]) -> Decision:
    rule = match.rule
    return Decision(
        unit=match.unit, basis=rule.basis, missed=match.missed, co_handlers=match.co_handlers, urgency=rule.urgency,
        note=rule.note, faults=faults,
    )  # fmt: skip


def _by_catalogue(choice: Choice, faults: tuple[rules.Fault, ...]) -> Decision:
    return Decision(
        unit=choice.unit, basis=choice.basis, missed="" if choice.unit else choice.reason,
        co_handlers=choice.co_handlers, faults=faults,
    )  # fmt: skip


def asks_past(book: Book, day: date) -> bool:
    """Whether a rule in force wants to know if the requester called before."""
    return any(PAST in one.values for rule in book.rules_on(day) for one in rule.conditions if one.field == "flags")
