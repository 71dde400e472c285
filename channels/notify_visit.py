"""What requesters are told around a return visit: three calls did not reach them, so a message asks."""

from __future__ import annotations

from datetime import timedelta

from cases.events import VisitMissed
from cases.file import CaseFile, Entry
from channels import notify_pause
from hotline.work import Work


async def on_missed(work: Work, file: CaseFile, entry: Entry) -> None:
    """After the last try: how was it, by each of their doors, else by SMS to the number that was called."""
    event = entry.event
    assert isinstance(event, VisitMissed)  # noqa: S101 - the flow lists this for the kind
    request = file.requests[event.request]
    if event.is_last and request.asked_until is not None:
        days = str(max((request.asked_until - work.now) // timedelta(days=1), 1))
        notify_pause.send(work, file, request, "missed", key=f"missed:{entry.row.seq}", days=days)
