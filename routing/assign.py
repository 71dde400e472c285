"""From an accepted case to its unit: rules and catalogue answer, or the case waits on the dispatcher's desk."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from asyncpg import PostgresError

from cases import scope, verbs
from cases.events import RoutingMissed
from cases.events_route import UrgencySet
from cases.file import CaseFile, Entry
from cases.ledger import append
from cases.states import UNDISPATCHED
from hotline import city, clock
from hotline.errors import Refusal, plain
from hotline.work import Work
from routing import book, rulebook
from routing.decision import Decision, asks_past, decide

log = logging.getLogger(__name__)

Profile = Callable[[CaseFile], str]
"""Neighbours never import each other: the roof tells routing how sla reads the clock profile of a case."""


def router(profile: Profile) -> Callable[[Work, CaseFile, Entry], Awaitable[None]]:
    """The reaction "route", knowing how the clock profile of a case is found."""

    async def route(work: Work, file: CaseFile, _: Entry) -> None:
        """Dispatch by rule or catalogue; what goes wrong leaves the case on the desk, never half-written."""
        if file.case.state not in UNDISPATCHED or file.case.channel == "import" or file.case.id in _by_person(work):
            return
        decision = await decided(work, file)
        if decision.unit is None:
            await append(work, file, RoutingMissed(reason=decision.missed))
            return
        await _dispatch(work, file, decision, profile)

    return route


def by_person(work: Work, file: CaseFile) -> None:
    """Say that a person dispatches this case in this very transaction, so that the router leaves it alone."""
    _by_person(work).add(file.case.id)


def _by_person(work: Work) -> set[UUID]:
    found: set[UUID] = work.kept.setdefault("dispatched_by_person", set())
    return found


async def decided(work: Work, file: CaseFile) -> Decision:
    """What rules and catalogue say now; rules that erred are reported and switched off after the commit."""
    kept, day = book.current(), clock.local_day(work.now)
    is_repeat = asks_past(kept, day) and await _called_before(work, file)
    decision = decide(file, kept, day, city.current(), is_repeat=is_repeat)
    if decision.faults:
        rulebook.report(work, decision.faults)
    return decision


async def _called_before(work: Work, file: CaseFile) -> bool:
    """Whether a requester of the case came with another one within the days in which that counts as a repeat."""
    numbers = [one.phone_index for one in file.requests.values() if one.phone_index is not None]
    if not numbers:
        return False
    since = file.case.opened_at - timedelta(days=float(city.current().rule("duplicate.days")))
    return bool(await work.connection.fetchval(
        "SELECT EXISTS (SELECT FROM request WHERE phone_index = ANY($1) AND filed_at >= $2 AND case_id <> $3)",
        numbers, since, file.case.id,
    ))  # fmt: skip


async def _dispatch(work: Work, file: CaseFile, decision: Decision, profile: Profile) -> None:
    """The savepoint of routing's own, kept in memory because nothing is sent before the flush."""
    mark = work.mark(file.case.id, [file.case, *file.requests.values(), *file.assignments.values()])
    before = dict(file.assignments)
    try:
        await _carry_out(work, file, decision, profile)
    except PostgresError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the case goes to the desk and says so
        if not isinstance(error, Refusal):
            log.error("routing failed for case %s\n%s", file.case.number, plain(error))  # noqa: TRY400
        work.rewind(mark)
        file.assignments = before
        reason = error.code if isinstance(error, Refusal) else "routing_error"
        await append(work, file, RoutingMissed(reason=reason))


async def _carry_out(work: Work, file: CaseFile, decision: Decision, profile: Profile) -> None:
    if decision.urgency and decision.urgency != file.case.urgency:
        event = UrgencySet(old=file.case.urgency, new=decision.urgency, by=decision.basis)
        await append(work, file, event)
    await verbs.dispatch(
        work, file, unit=decision.unit or "", basis=decision.basis, profile=profile(file), reason=decision.note
    )
    day = clock.local_day(work.now)
    about = file.case.about_units
    for code in decision.co_handlers:
        unit = city.current().unit(code, day)
        if unit is not None and unit.is_on and not scope.is_of_house(code, about) and file.assignment_of(code) is None:
            await verbs.add_co_handler(work, file, unit=code, profile=profile(file), reason=decision.note)
