"""The ladder's acts when their time has come: reminders, drafts of what follows, alerts that climb, dates of papers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from cases.events_ladder import AlertEscalated
from cases.file import CaseFile
from cases.ledger import append
from hotline import clock, db
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import clocks, ladder_orders, ladder_papers, ladder_rules, supervision
from sla.rows import DoneRow
from sla.rows_ladder import PaperRow
from sla.timed import Due


class Tell(Protocol):
    """Tells a unit's head of a step of a paper; ``channels``, which the roof brings here."""

    async def __call__(self, work: Work, *, unit: str, number: str, step: str) -> None:
        """Say it in the transaction of the step."""


CLIMB = ("deputy", "head", "office")
"""Whom an unanswered alert is told, one after the other."""
_FOLLOWS = {"bulletin": "bulletin_uncorrected", "interview": "undertaking_overdue"}
_ACTS = {"remind": "paper_reminder", "overdue": "paper_overdue"}
_WITHOUT_CASE = "SELECT id FROM ladder_paper WHERE chase_at <= $1 AND case_id IS NULL ORDER BY chase_at LIMIT 100"


async def expose(work: Work, file: CaseFile, due: Due) -> int:
    """Long overdue and no reason given: a bulletin is drafted. Whoever answered the alert gave a reason."""
    row = next((one for one in await clocks.of_case(work, file) if one.id == due.subject), None)
    if row is None or row.chase_at != due.due_at:
        return 0
    row.chase_at = None
    if await work.connection.fetchval("SELECT answered_at FROM alert WHERE clock_id = $1", row.id) is not None:
        return 0
    ground = f"{file.case.number}：办结期限 {clock.local(row.due_at):%Y-%m-%d %H:%M}，催办后仍未办结，没有说明原因"
    drafted = await ladder_papers.propose(work, file, "long_overdue", unit=row.unit, cause=row.id, ground=ground)
    return int(drafted is not None)


async def order_ignored(work: Work, file: CaseFile, due: Due) -> int:
    """An order still not answered some days after its date: a bulletin is drafted."""
    row = await ladder_orders.of_id(work, due.subject)
    if row.chase_at != due.due_at or row.answered_at is not None or row.ended_at is not None:
        return 0
    row.chase_at = None
    ground = f"{row.number}：回复期限 {clock.local(row.due_at):%Y-%m-%d %H:%M}，至今没有回复"
    drafted = await ladder_papers.propose(work, file, "order_ignored", unit=row.unit, cause=row.id, ground=ground)
    return int(drafted is not None)


async def climb(work: Work, file: CaseFile, due: Due) -> int:
    """An alert that nobody answered is told to the next above, a working day each; then it stays on the list."""
    row = await work.connection.fetchrow(
        "SELECT unit, stage, escalated, escalate_at, answered_at FROM alert WHERE id = $1 FOR UPDATE", due.subject
    )
    if row is None or row["answered_at"] is not None or row["escalate_at"] != due.due_at:
        return 0
    rule = (await ladder_rules.of(work)).get("alert_unanswered")
    if rule is None:  # switched off since: it stands where it is
        await work.connection.execute("UPDATE alert SET escalate_at = NULL WHERE id = $1", due.subject)
        return 0
    at = row["escalated"] if row["unit"] else len(CLIMB) - 1  # the centre's own has nobody in between
    again = supervision.later(work.now, rule.days, row["unit"]) if at + 1 < len(CLIMB) else None
    await work.connection.execute(
        "UPDATE alert SET escalated = $2, escalate_at = $3 WHERE id = $1", due.subject, at + 1, again
    )
    event = AlertEscalated(alert=due.subject, unit=row["unit"], stage=row["stage"], to=CLIMB[at])
    await append(work, file, event)
    return 1


async def paper(work: Work, file: CaseFile, due: Due) -> int:
    """The date of a paper over a case came near or passed."""
    return await _paper(work, file, await ladder_papers.of_id(work, due.subject))


async def _paper(work: Work, file: CaseFile | None, row: PaperRow) -> int:
    """Reminded of the undertaking; or overdue, and the draft of the next step: an interview, accountability."""
    if row.chase_at is None or row.chase_at > work.now or row.due_at is None:
        return 0
    if row.chase == "remind":  # its being late is an act of its own, though both be due by now
        row.chase, row.chase_at = "overdue", row.due_at
        if work.now < row.due_at:
            await ladder_papers.step(work, file, row, "reminded")
        return 1
    row.chase = row.chase_at = None
    await ladder_papers.step(work, file, row, "overdue")
    ground = f"{row.number}：期限 {clock.local(row.due_at):%Y-%m-%d}，到期没有完成"
    await ladder_papers.propose(
        work, file, _FOLLOWS[row.measure], unit=row.unit, cause=row.id, ground=ground, person=row.person, post=row.post
    )
    return 1


async def watch(tell: Tell, as_of: datetime | None = None) -> int:
    """The same for papers that are about no case; how many acts. Safe twice and side by side."""
    acts = 0
    while True:
        async with db.reading() as connection:
            found = [row["id"] for row in await connection.fetch(_WITHOUT_CASE, as_of or clock.now())]
        done = sum([await _one(one, tell, as_of) for one in found])
        acts += done
        if not done:  # nothing is due, or somebody else is at it
            return acts


async def _one(paper_id: UUID, tell: Tell, as_of: datetime | None) -> int:
    async with work(SYSTEM, now=as_of) as w:
        held = "SELECT id FROM ladder_paper WHERE id = $1 FOR UPDATE SKIP LOCKED"
        if await w.connection.fetchval(held, paper_id) is None:
            return 0
        row = await ladder_papers.of_id(w, paper_id)
        act, due, steps = _ACTS.get(row.chase or ""), row.chase_at, row.steps
        if act is None or due is None or not await _paper(w, None, row):
            return 0
        w.add(DoneRow(subject_id=row.id, act=act, due_at=due, case_id=None, done_at=w.now))
        if row.steps > steps:
            await tell(w, unit=row.unit, number=row.number, step="overdue" if row.chase is None else "reminded")
        return 1
