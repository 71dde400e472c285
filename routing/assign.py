"""From an accepted case to its unit: the catalogue answers, or the case waits on the dispatcher's desk."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from asyncpg import PostgresError

from cases import verbs
from cases.events import RoutingMissed
from cases.file import CaseFile, Entry
from cases.ledger import append
from cases.states import UNDISPATCHED
from hotline import city, clock
from hotline.errors import Refusal, plain
from hotline.work import Work
from routing.catalogue import Choice, choose

log = logging.getLogger(__name__)

Profile = Callable[[CaseFile], str]
"""Neighbours never import each other: the roof tells routing how sla reads the clock profile of a case."""


def router(profile: Profile) -> Callable[[Work, CaseFile, Entry], Awaitable[None]]:
    """The reaction "route", knowing how the clock profile of a case is found."""

    async def route(work: Work, file: CaseFile, _: Entry) -> None:
        """Dispatch by the catalogue; what goes wrong leaves the case on the desk, never half-written (rules.md 4)."""
        if file.case.state not in UNDISPATCHED or file.case.channel == "import":
            return
        choice = choose(file, clock.local_day(work.now), city.current())
        if choice.unit is None:
            await append(work, file, RoutingMissed(reason=choice.reason))
            return
        await _dispatch(work, file, choice, profile(file))

    return route


async def _dispatch(work: Work, file: CaseFile, choice: Choice, profile: str) -> None:
    """The savepoint of routing's own, kept in memory because nothing is sent before the flush."""
    mark = work.mark(file.case.id, [file.case, *file.requests.values(), *file.assignments.values()])
    before = dict(file.assignments)
    try:
        await verbs.dispatch(work, file, unit=choice.unit or "", basis=f"catalogue:{choice.reason}", profile=profile)
    except PostgresError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the case goes to the desk and says so
        if not isinstance(error, Refusal):
            log.error("routing failed for case %s\n%s", file.case.number, plain(error))  # noqa: TRY400
        work.rewind(mark)
        file.assignments = before
        reason = error.code if isinstance(error, Refusal) else "routing_error"
        await append(work, file, RoutingMissed(reason=reason))
