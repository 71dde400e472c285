"""What a conference does to clocks: it stops none, and sees that one runs."""

from __future__ import annotations

from cases.file import CaseFile, Entry
from hotline.work import Work
from sla import clocks


async def on_called(work: Work, file: CaseFile, entry: Entry) -> None:
    """A unit that has it keeps its clocks; where nobody has it the dispatch clock runs, begun now if need be."""
    if file.lead is None and not any(row.stopped_at is None for row in await clocks.of_case(work, file)):
        await clocks.start_dispatch(work, file)


async def on_decided(work: Work, file: CaseFile, entry: Entry) -> None:
    """Clocks of shares that end are void; a lead that is kept has its old ones, another gets its own."""
    for leaving in entry.event.recalled:  # type: ignore[attr-defined]  # conference_decided
        await clocks.stop(work, file, subject=leaving, void=True)
