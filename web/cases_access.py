"""The only ways from a number in a URL to a case: through who you are; otherwise it is a 404."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from cases import ledger, queries, verbs_audit, views
from cases.file import CaseFile
from cases.states import RATEABLE
from hotline import db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.work import Work

Find = Callable[[db.Connection, Actor, str], Awaitable[UUID | None]]
"""``queries.found`` by a case's number; ``queries.handling`` by a receipt, where a requester is meant."""


async def view_for(actor: Actor, number: str, find: Find = queries.found) -> views.CaseView:
    """The case as the actor may see it; the 404 refusal when it does not exist or is not theirs."""
    async with db.reading() as connection:
        case_id = await find(connection, actor, number)
        if case_id is None:
            raise not_found()
        view = await views.case_view(connection, actor, case_id)
        if view.case.state in RATEABLE:
            view.file.ratings = await verbs_audit.ratings_of(connection, case_id)
        return view


async def opened_for(work: Work, number: str, seq: int | None = None, find: Find = queries.found) -> CaseFile:
    """The case, locked, for the work's actor; 404 when it is not theirs, 409 when it changed since ``seq``."""
    case_id = await find(work.connection, work.actor, number)
    if case_id is None:
        raise not_found()
    file = await ledger.opened(work, case_id=case_id)
    ledger.unchanged(file, await ledger.past_reminders(work, file, seq))
    return file
