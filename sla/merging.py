"""Clocks of a merge: the child's stop and are kept, each requester's promise is watched on, an unmerge revives them.

"Unmerge restores due dates from their original start" (rules.md 3): the very rows run on, so that no date is reckoned
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from cases.events import Promised
from cases.events_merge import Joined, Parted
from cases.file import CaseFile, Entry
from cases.ledger import append
from hotline import db
from hotline.ids import new_id
from hotline.work import Work
from sla import clocks, recompute
from sla.rows import ClockRow

_WATCHED = """
    SELECT subject_id, due_at FROM clock
    WHERE case_id = $1 AND subject = 'request' AND stage = 'answer' AND stopped_at IS NULL
"""
_PROMISED = """
    SELECT DISTINCT ON (k.case_id) k.case_id, k.due_at FROM clock k JOIN assignment a ON a.id = k.subject_id
    WHERE k.case_id = ANY($1::uuid[]) AND k.stage = 'finish'
        AND a.role = 'lead' AND a.state NOT IN ('recalled', 'ended')
    ORDER BY k.case_id, k.started_at DESC, k.id DESC
"""
_MERGED = "SELECT at FROM case_event WHERE case_id = $1 AND kind = 'merged' ORDER BY seq DESC LIMIT 1"


async def told(connection: db.Connection, case_id: UUID) -> dict[UUID, datetime]:
    """The dates that are watched for single requesters of the case, by request."""
    return {row["subject_id"]: row["due_at"] for row in await connection.fetch(_WATCHED, case_id)}


async def promised(connection: db.Connection, cases: Sequence[UUID]) -> dict[UUID, datetime]:
    """The date by which the lead of each of these cases promised to be done: what its requesters were told."""
    return {row["case_id"]: row["due_at"] for row in await connection.fetch(_PROMISED, list(cases))}


async def on_merged(work: Work, file: CaseFile, entry: Entry) -> None:
    """All that runs on the case stops: what it measured is another's work now."""
    await clocks.stop(work, file, void=True)


async def on_joined(work: Work, file: CaseFile, entry: Entry) -> None:
    """Each requester who was told a date keeps it, as a clock of the request on the case that answers them."""
    event = entry.event
    assert isinstance(event, Joined)  # noqa: S101 - the flow lists this for the kind
    child: CaseFile = work.kept["cases"][event.child]
    ended = {one.id for one in child.assignments.values() if one.ended_at == work.now}
    promise = await _lead_promise(work, child, ended)
    if promise is not None:
        await clocks.start(work, file, [_kept(file, request, promise) for request in event.requests])


async def on_parted(work: Work, file: CaseFile, entry: Entry) -> None:
    """What was watched for the requests that leave stops; their own case keeps their dates again."""
    event = entry.event
    assert isinstance(event, Parted)  # noqa: S101 - the flow lists this for the kind
    for request in event.requests:
        await clocks.stop(work, file, subject=request, void=True)


async def on_unmerged(work: Work, file: CaseFile, entry: Entry) -> None:
    """The clocks that the merge stopped run on from their own start, to their own date.

    Where the calendar was changed meanwhile they follow it, like every running promise.
    """
    await work.flush()
    at = await work.connection.fetchval(_MERGED, file.case.id)
    revived = [row for row in await clocks.of_case(work, file) if row.outcome == "void" and row.stopped_at == at]
    for row in revived:
        row.stopped_at = row.outcome = None
    moved = tuple(map(clocks.promised, recompute.moved_by(revived, work.now)))
    if moved:
        await append(work, file, Promised(promises=moved))


async def _lead_promise(work: Work, child: CaseFile, ended: set[UUID]) -> ClockRow | None:
    """The last promise to be done of the lead whose share the merge has just ended: the date that was told."""
    lead = {one.id for one in child.assignments.values() if one.role == "lead" and one.id in ended}
    rows = [row for row in await clocks.of_case(work, child) if row.stage == "finish" and row.subject_id in lead]
    return rows[-1] if rows else None


def _kept(file: CaseFile, request: UUID, promise: ClockRow) -> ClockRow:
    return msgspec.structs.replace(
        promise, id=new_id(), case_id=file.case.id, subject="request", subject_id=request, unit="", stage=clocks.ANSWER,
        stopped_at=None, outcome=None, is_owed=False, remind_at=None, reminded_at=None,
    )  # fmt: skip
