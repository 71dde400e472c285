"""Where an accepted case goes and who says so: sealed by hand, then the rules, then the catalogue. Pure."""

from __future__ import annotations

import copy
from datetime import date

import msgspec

from cases.file import CaseFile
from cases.wording_route import by_rule, left_by_rule
from hotline.city import City
from hotline.errors import Say
from routing import catalogue, facts, rules
from routing.book import Book
from routing.catalogue import Choice
from routing.facts import Facts

_NONE = Say("须人工派单", "To be dispatched by hand")
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
    known = facts.of(file, snapshot, is_repeat=is_repeat) if found else Facts()
    answer = rules.first(found, known, snapshot, day)
    if answer.match is not None:
        return _by_rule(answer.match, answer.faults)
    return _by_catalogue(catalogue.choose(file, day, snapshot), answer.faults)


def advised(file: CaseFile, book: Book, day: date, snapshot: City) -> Decision:
    """What a person is advised: as ``decide``, and of a sealed case what the catalogue would say (no rule is asked)."""
    if not file.case.is_sealed:
        return decide(file, book, day, snapshot)
    known = facts.of(file, snapshot)
    if not known.matter:
        return Decision(missed="no_matter")
    return foreseen(known, Book(book.lines, book.version), day, snapshot)


def foreseen(known: Facts, book: Book, day: date, snapshot: City) -> Decision:
    """What would be decided of something that is no case yet: what the call screen shows while somebody speaks."""
    answer = rules.first(book.rules_on(day), known, snapshot, day)
    if answer.match is not None:
        return _by_rule(answer.match, answer.faults)
    kind = catalogue.requester_of(is_enterprise=known.requester == "enterprise")
    about = {known.about} if known.about else None
    choice = catalogue.of(
        known.matter, known.county, known.township or None, day, snapshot, about, kind, lines=book
    )
    return _by_catalogue(choice, answer.faults)


def why(decision: Decision) -> Say:
    """The reason as a person reads it: the rule by its number, else the catalogue's own words."""
    number = by_rule(decision.basis)
    if number:
        return Say(f"按规则 {number}", f"By rule {number}") if decision.unit else left_by_rule(decision.missed) or _NONE
    reason = decision.missed or decision.basis.partition(":")[2]
    return catalogue.REASONS.get("precedent" if decision.basis.startswith("precedent") else reason, _NONE)


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
