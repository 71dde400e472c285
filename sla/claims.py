"""Claims that a case is unreasonable or beyond the unit's remit: until when, and what becomes of the clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cases import scope, verbs_audit
from cases.events_audit import ClaimDecided
from cases.file import CaseFile, Entry
from cases.of_case import CASE, OfCase
from cases.rows import AssignmentRow
from hotline import clock, db
from hotline.actor import Actor
from hotline.errors import conflict
from hotline.work import Work
from sla import clocks
from sla.rows import ClockRow

SIZE = 200


async def claim(work: Work, file: CaseFile, share: AssignmentRow, *, claim: str, reason: str, basis: str) -> Entry:
    """申请认定, before the result is due or with it: 409 once that date has passed. The clock runs on."""
    in_time(await clocks.of_case(work, file), share, work.now)
    return await verbs_audit.claim(work, file, share, claim=claim, reason=reason, basis=basis)


def in_time(rows: Sequence[ClockRow], share: AssignmentRow, now: datetime) -> None:
    """Raise the 409 when the share's result is overdue; a promise that stands has no date that could pass."""
    row = next((one for one in reversed(rows) if one.subject_id == share.id and one.stage == "finish"), None)
    if row is not None and row.paused_at is None and now > row.due_at:
        at = clock.local(row.due_at)
        raise conflict(
            "claim_late",
            f"办结期限已过（{at:%m-%d %H:%M}），不能再申请认定。",
            f"The result was due {at:%m-%d %H:%M}; a claim is made before that.",
        )


async def on_decided(work: Work, file: CaseFile, entry: Entry) -> None:
    """Upheld: the share's promises are void; who must be visited all the same gets a visit clock. Refused: they ran on.

    A lead's case is closed in the same transaction, which stops the rest.
    """
    event = entry.event
    assert isinstance(event, ClaimDecided)  # noqa: S101 - the flow lists this for the kind
    if not event.is_upheld or not file.case.is_open:
        return
    share = file.assignments[event.assignment]
    await clocks.stop(work, file, subject=share.id, void=True)
    if share.role != "lead":
        await clocks.start_audit(work, file)
        return
    await clocks.stop(work, file, "audit", clocks.ANSWER, void=True)
    running = {r.subject_id for r in await clocks.of_case(work, file) if r.stage == "visit" and r.stopped_at is None}
    await clocks.start(
        work, file,
        [
            clocks.make(file, "request", one.id, "visit", profile=share.profile, unit="", start=work.now)
            for one in file.requests.values()
            if one.state == "awaiting_visit" and one.id not in running
        ],
    )  # fmt: skip


class Claim(OfCase, frozen=True, kw_only=True):
    """A claim with its case, for a list."""

    assignment: UUID
    unit: str
    claim: str
    claim_state: str
    claimed_at: datetime
    excluded: str | None


async def listed(connection: db.Connection, actor: Actor, state: str) -> Sequence[Claim]:
    """Claims within the actor's scope: those of a state ("open": oldest first, else the last first), SIZE at most."""
    where, args = scope.condition(actor)
    args.append(state)
    order = "a.claimed_at, a.id" if state == "open" else "a.claimed_at DESC, a.id"
    rows = await connection.fetch(
        f"SELECT a.id AS assignment, a.unit, a.claim, a.claim_state, a.claimed_at, a.excluded, {CASE}"
        f" FROM assignment a JOIN cases c ON c.id = a.case_id WHERE a.claim_state = ${len(args)}::text AND {where}"
        f" ORDER BY {order} LIMIT {SIZE}",
        *args,
    )
    return [Claim(**row) for row in rows]


async def counts(connection: db.Connection, actor: Actor) -> dict[str, int]:
    """How many claims there are by state, within scope."""
    where, args = scope.condition(actor)
    rows = await connection.fetch(
        "SELECT a.claim_state, count(*)::int AS n FROM assignment a JOIN cases c ON c.id = a.case_id"
        f" WHERE a.claim_state IS NOT NULL AND {where} GROUP BY 1",
        *args,
    )
    return {row["claim_state"]: row["n"] for row in rows}
