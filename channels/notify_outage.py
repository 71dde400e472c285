"""What requesters hear of an outage: that it is over, or that what they were told was wrong. Once for each of them."""

from __future__ import annotations

from cases.events_outage import OutageOver
from cases.file import CaseFile, Entry
from cases.outage_rows import BACK
from channels import notify
from hotline.errors import Say
from hotline.work import Work

_NEWS = Say("有新答复", "news")


async def on_over(work: Work, file: CaseFile, entry: Entry) -> None:
    """By their own doors, by a key of outage, round and requester. Of a confidential one not a word of what was off."""
    event = entry.event
    assert isinstance(event, OutageOver)  # noqa: S101 - the flow lists this for the kind
    request = file.requests[event.request]
    key = f"outage:{event.outage}:{event.round}{':wrong' if event.is_wrong else ''}"
    if file.case.is_sealed:
        notify.send(work, file, request, "progress_sealed", key=key, state=_NEWS.in_(request.lang))
    elif event.is_wrong:
        notify.send(work, file, request, "outage_wrong", key=key)
    else:
        notify.send(work, file, request, "outage_over", key=key, supply=BACK[event.supply].in_(request.lang))
