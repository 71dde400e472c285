"""What requesters hear of a merge: that it is one piece of work now, that it is theirs alone again."""

from __future__ import annotations

from cases.events_merge import Joined, Unmerged
from cases.file import CaseFile, Entry
from channels import notify
from hotline.work import Work


async def on_joined(work: Work, file: CaseFile, entry: Entry) -> None:
    """Each who joined: handled together, number and code stay, the answer comes to them alone. No subject in it."""
    event = entry.event
    assert isinstance(event, Joined)  # noqa: S101 - the flow lists this for the kind
    for one in event.requests:
        notify.send(work, file, file.requests[one], "merged", key=f"merged:{entry.row.hash.hex()[:12]}")


async def on_unmerged(work: Work, file: CaseFile, entry: Entry) -> None:
    """Each who is by themselves again, with their own date."""
    event = entry.event
    assert isinstance(event, Unmerged)  # noqa: S101 - the flow lists this for the kind
    for one in event.requests:
        request = file.requests[one]
        due = notify.due_of(work, file, request).in_(request.lang)
        notify.send(work, file, request, "parted", key=f"parted:{entry.row.hash.hex()[:12]}", due=due)
