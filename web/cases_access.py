"""The only ways from a number in a URL to a case: through who you are; otherwise it is a 404."""

from __future__ import annotations

from cases import ledger, queries, views
from cases.file import CaseFile
from hotline import db
from hotline.actor import Actor
from hotline.errors import not_found
from hotline.work import Work


async def view_for(actor: Actor, number: str) -> views.CaseView:
    """The case as the actor may see it; the 404 refusal when it does not exist or is not theirs."""
    async with db.reading() as connection:
        case_id = await queries.found(connection, actor, number)
        if case_id is None:
            raise not_found()
        return await views.case_view(connection, actor, case_id)


async def opened_for(work: Work, number: str, seq: int | None = None) -> CaseFile:
    """The case, locked, for the work's actor; 404 when it is not theirs, 409 when it changed since ``seq``."""
    case_id = await queries.found(work.connection, work.actor, number)
    if case_id is None:
        raise not_found()
    file = await ledger.opened(work, case_id=case_id)
    ledger.unchanged(file, seq)
    return file
