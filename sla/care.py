"""Clocks of what is not routed plainly: a supervisor's look at a risk, verifying first, an enterprise's levels."""

from __future__ import annotations

from cases import levels
from cases.demands_care import verifies_first
from cases.file import CaseFile, Entry
from hotline.work import Work
from sla import clocks

LEVEL_STAGES = tuple(levels.stage_of(level) for level in levels.LEVELS)


async def _start(work: Work, file: CaseFile, stage: str, unit: str = "") -> None:
    one = clocks.make(file, "case", file.case.id, stage, profile=clocks.profile_of(file), unit=unit, start=work.now)
    await clocks.start(work, file, [one])


async def on_flagged(work: Work, file: CaseFile, entry: Entry) -> None:
    """A supervisor has a quarter of an hour to take note; unanswered, the overdue stage raises its alert by itself."""
    if not any(row.stage == "risk" and row.stopped_at is None for row in await clocks.of_case(work, file)):
        await _start(work, file, "risk")


async def on_looked_at(work: Work, file: CaseFile, entry: Entry) -> None:
    """Somebody took note, or cleared the flag."""
    await clocks.stop(work, file, "risk")


async def on_dispatched(work: Work, file: CaseFile, entry: Entry) -> None:
    """The lead of a matter that is verified first has a promise for that too."""
    lead = file.lead
    if lead is None or lead.id != entry.event.assignment or not verifies_first(file):  # type: ignore[attr-defined]
        return
    one = clocks.make(file, "assignment", lead.id, "verify", profile=lead.profile, unit=lead.unit, start=work.now)
    await clocks.start(work, file, [one])


async def on_verified(work: Work, file: CaseFile, entry: Entry) -> None:
    """Verified."""
    await clocks.stop(work, file, "verify", subject=entry.event.assignment)  # type: ignore[attr-defined]


async def on_escalated(work: Work, file: CaseFile, entry: Entry) -> None:
    """The level below has ended, late or not; the new one's limit begins. Another leader at the same level: nothing."""
    event = entry.event
    if event.cause == "handover":  # type: ignore[attr-defined]
        return
    await clocks.stop(work, file, *LEVEL_STAGES)
    await _start(work, file, levels.stage_of(event.level), event.unit)  # type: ignore[attr-defined]


async def on_solved(work: Work, file: CaseFile, entry: Entry) -> None:
    """The audit let the result pass: no level's limit runs while the requester is asked."""
    await clocks.stop(work, file, *LEVEL_STAGES)
