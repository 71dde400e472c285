"""Who had a hand in a case: acceptor, handler and closer are three people (rules.md 2)."""

from __future__ import annotations

from cases.file import CaseFile
from hotline.actor import Actor


def is_separate(file: CaseFile, person: Actor) -> bool:
    """Whether ``person`` never had a hand in it, in any round, and is of no unit that has the case (rules.md 2).

    By all of their posts, and by whomever they act for.
    """
    hands = {hand for a in file.assignments.values() for hand in a.hands}
    units = {a.unit for a in file.assignments.values() if a.state != "recalled"}
    return hands.isdisjoint(person.persons) and units.isdisjoint({person.unit, *person.houses})


def may_visit(file: CaseFile, person: Actor) -> bool:
    """Whether ``person`` may make the return visit and close: neither acceptor nor handler."""
    return is_separate(file, person) and file.case.accepted_by not in person.persons
