"""What is done to a disputed case: called to a conference, withdrawn from it, decided with binding force."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cases import events as e
from cases.events_conference import ConferenceCalled, ConferenceDecided, ConferenceWithdrawn
from cases.file import CaseFile, Entry, Text
from cases.ledger import append
from cases.shares import below
from cases.states import AT_UNIT
from hotline.ids import new_id
from hotline.work import Work


async def call(work: Work, file: CaseFile, *, cause: str, reason: str = "") -> Entry:
    """提请会商. A lead that has the case keeps it and its clock; without one the dispatch clock runs.

    ``cause``: return_limit, objection, unclear, overlap, or by_hand with a reason. 409 once the lead is done.
    """
    return await append(work, file, ConferenceCalled(cause=cause), {"reason": Text(value=reason)})


async def withdraw(work: Work, file: CaseFile, *, reason: str) -> Entry:
    """撤回会商: off the agenda, back to the unit that has it, or to the dispatcher's desk."""
    return await append(work, file, ConferenceWithdrawn(), {"reason": Text(value=reason)})


async def decide(
    work: Work,
    file: CaseFile,
    *,
    unit: str,
    co_units: Sequence[str] = (),
    profile: str,
    words: str,
    conference: UUID | None = None,
    item: UUID | None = None,
    wants_precedent: bool = False,
) -> Entry:
    """会商决定: ``unit`` leads, ``co_units`` help, nobody may return it any more (domain.md 2.3, seed 002-05).

    A lead that stays keeps its share and its old clock; another gets a share of its own with a new one. Shares of
    units that are not named end; those of named co-handlers stay as they are.
    """
    lead = file.lead
    keeps = lead.id if lead is not None and lead.unit == unit else None
    decision = ConferenceDecided(
        unit=unit, co_units=tuple(co_units), keeps=keeps, recalled=_leaving(file, unit, co_units),
        conference=conference, item=item, wants_precedent=wants_precedent,
    )  # fmt: skip
    entry = await append(work, file, decision, {"decision": Text(value=words)})
    if keeps is None:
        event = e.Dispatched(assignment=new_id(), unit=unit, basis="conference", profile=profile, is_binding=True)
        await append(work, file, event)
    for one in co_units:
        if file.assignment_of(one) is None:
            added = e.CoHandlerAdded(
                assignment=new_id(), unit=one, profile=profile, basis="conference", is_binding=True
            )
            await append(work, file, added)
    return entry


def _leaving(file: CaseFile, unit: str, co_units: Sequence[str]) -> tuple[UUID, ...]:
    """The shares that the decision ends: all that are not as it names them; a co-handler's result that is in stays."""
    gone: list[UUID] = []
    for one in [a for a in file.live if a.role != "below"]:  # what was handed down goes with the share above
        is_named = one.unit == unit if one.role == "lead" else one.unit in co_units
        is_result = one.role == "co" and one.state not in AT_UNIT and one.unit != unit
        if not is_named and not is_result:
            gone += [one.id, *(lower.id for lower in below(file, one.id))]
    return tuple(gone)
