"""A legacy case becomes rows of ours: two chained events with its own dates, its texts, and its finish clock replayed.

Nothing leaves the building: no outbox row, no card, no live news; what was late there is late here, without points.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from cases import ledger, projections
from cases.events import Imported
from cases.file import CaseFile, Text
from cases.register import Said, opening
from hotline import city, vault
from hotline.actor import SYSTEM
from hotline.ids import new_id
from hotline.legacy.rows import Legacy
from hotline.work import Row, Work
from sla import calendar, clocks, targets
from sla.rows import ClockRow

CHANNEL = "import"
STAGE = "finish"


class Replay:
    """Replays the cases of one import as of one moment, under one snapshot of the city."""

    def __init__(self, batch: UUID, system: str, now: datetime) -> None:
        self.batch = batch
        self.system = system
        self.now = now
        self._city = city.current()
        self._days = calendar.of(self._city)

    def rows(self, one: Legacy, receipt_no: str) -> Iterator[Row]:
        """Every row of the case, ready to be written in one transaction with those of its neighbours."""
        file = CaseFile()
        yield from self._register(file, one, receipt_no)
        matter = self._city.matter(one.matter) if one.matter else None
        profile = targets.profile_for(one.kind, one.urgency, matter.profile if matter else None)
        assignment = new_id() if one.unit else None
        running = self._clock(file, one, assignment, profile)
        event = Imported(
            batch=self.batch, matter=one.matter or None, unit=one.unit or None, assignment=assignment,
            profile=profile if one.unit else None, closed_at=one.closed, close_reason=one.reason or None,
            grade=one.grade or None, clock=running.id, due=running.due_at, outcome=running.outcome,
        )  # fmt: skip
        work = Work(None, SYSTEM, one.closed or one.opened)
        entry = ledger.chained(work, file, event, {"note": Text(value=one.note)})
        projections.apply(file, entry)
        clocks.show_nearest(file, [running])
        yield from (
            file.case,
            *file.requests.values(),
            *file.assignments.values(),
            entry.row,
            *entry.texts.values(),
            running,
        )

    def _register(self, file: CaseFile, one: Legacy, receipt_no: str) -> Iterator[Row]:
        # Nobody was given a query code for a case of the former system, so none can be guessed.
        said = Said(
            receipt_no=receipt_no, code_hash=os.urandom(32), kind=one.kind, words=one.words, channel=CHANNEL,
            filed_at=one.opened, line=one.line, urgency=one.urgency, title=one.title, place=one.place,
            county=one.county, township=one.township or None, matter=one.matter or None, name=one.name,
            phone=one.phone, address=one.address, is_anonymous=not (one.name or one.phone),
            origin_system=self.system, origin_no=one.number,
        )  # fmt: skip
        event, texts = opening(said)
        work = Work(None, SYSTEM, one.opened)
        entry = ledger.chained(work, file, event, {**texts, "source": Text(value=one.source)})
        projections.apply(file, entry)
        if file.first_request.phone is not None:
            file.first_request.phone_index = vault.phone_index(one.phone)
        yield entry.row
        yield from entry.texts.values()

    def _clock(self, file: CaseFile, one: Legacy, assignment: UUID | None, profile: str) -> ClockRow:
        """The finish clock as it ran: to the old system's target where it named one, else to our calendar's."""
        if one.target is not None and one.target > one.opened:
            hours = (one.target - one.opened).total_seconds() / 3600
            promise = targets.Promise(
                stage=STAGE, profile=profile, start=one.opened, due_at=one.target, provisional=False, unit="clock",
                amount=hours,
            )  # fmt: skip
            warn = targets.warn_at(self._days, promise)
        else:
            promise, warn = clocks.promise(STAGE, profile, one.opened)
        end = one.closed or self.now
        subject, about = ("assignment", assignment) if assignment is not None else ("case", file.case.id)
        row = ClockRow(
            id=new_id(), case_id=file.case.id, subject=subject, subject_id=about, unit=one.unit, stage=STAGE,
            profile=profile, measure=promise.unit, amount=round(Decimal(promise.amount), 6), started_at=one.opened,
            due_at=promise.due_at, warn_at=warn, is_provisional=promise.provisional,
        )  # fmt: skip
        row.warned_at = warn if warn <= end else None
        row.breached_at = promise.due_at if promise.due_at < end else None
        if one.closed is not None:
            row.stopped_at, row.outcome = one.closed, "met" if one.closed <= promise.due_at else "late"
        return row
