"""What the desk shows beside a case: what the model makes of it, why nobody but a person decides, who returned it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from cases import worklists
from cases.file import CaseFile
from cases.states import RETURN_GROUNDS
from cases.wording_route import LEFT, matter
from hotline import city, clock, db
from hotline.errors import Say
from routing import automatic, book, guess
from routing.decision import would
from routing.guess import Suggestion
from web import worklists as split

RANKED = 5


class Guessed(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that the model names, what speaks for it, and the unit that it would lead to."""

    code: str
    name: Say
    percent: int
    words: Sequence[str]
    unit: Say | None
    is_current: bool


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """The last unit that sent the case back: why, by which rule, whom it suggests instead."""

    unit: Say
    code: str
    at: Any
    ground: Say
    basis: str
    suggested: Say | None
    suggested_code: str


def suggestion_of(file: CaseFile) -> Suggestion:
    """What the live model makes of the case; of a sealed case nobody asks it."""
    return guess.suggest(automatic.words_of(file), most=RANKED)


def guesses(file: CaseFile, suggestion: Suggestion, day: date) -> list[Guessed]:
    """The model's matters, the surest first, each with the unit that rules and catalogue give for it."""
    snapshot, found = city.current(), []
    for one in suggestion.ranked[:RANKED]:
        if snapshot.matter(one.matter, day) is None:
            continue
        decision = would(file, one.matter, book.current(), day, snapshot)
        found.append(Guessed(
            code=one.matter, name=matter(one.matter), percent=round(one.probability * 100), words=one.words[:3],
            unit=split.unit_name(decision.unit) if decision.unit else None, is_current=one.matter == file.case.matter,
        ))  # fmt: skip
    return found


async def left_because(connection: db.Connection, case_id: UUID) -> Say | None:
    """Why the system did not accept the case by itself; None when it was never asked or did."""
    code = await connection.fetchval(
        "SELECT data::json ->> 'reason' FROM case_event WHERE case_id = $1 AND kind = 'weighed'"
        " ORDER BY seq DESC LIMIT 1",
        case_id,
    )
    return LEFT.get(code, Say(code, code)) if code else None


async def returned(connection: db.Connection, case_id: UUID, file: CaseFile) -> Returned | None:
    """Who last returned the case and why; None when nobody did."""
    if not file.case.return_count:
        return None
    entries = await worklists.entries_of(connection, case_id)
    approved = worklists.last(entries, "return_approved")
    if approved is None:
        return None
    asked = worklists.last(entries, "return_requested", assignment=approved.event.assignment)
    share = file.assignments.get(approved.event.assignment)
    if asked is None or share is None:
        return None
    basis = asked.texts.get("basis")
    code = asked.event.suggested or ""
    return Returned(
        unit=split.unit_name(share.unit), code=share.unit, at=clock.local(approved.row.at),
        ground=RETURN_GROUNDS.get(asked.event.ground, Say(asked.event.ground, asked.event.ground)),
        basis=(basis.value or "") if basis is not None else "", suggested=split.unit_name(code) if code else None,
        suggested_code=code,
    )  # fmt: skip
