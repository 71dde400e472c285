"""What a requester hears when their rating was annulled on appeal: it does not count, and they may rate anew."""

from __future__ import annotations

from datetime import timedelta

from cases.events_rating import RatingAppealDecided
from cases.file import CaseFile, Entry
from channels import notify_pause
from hotline import city
from hotline.work import Work


async def on_decided(work: Work, file: CaseFile, entry: Entry) -> None:
    """Told only when the rating goes; while the time to rate runs, with the invitation to rate anew."""
    event = entry.event
    assert isinstance(event, RatingAppealDecided)  # noqa: S101 - the flow lists this for the kind
    if not event.is_upheld:
        return
    request, closed = file.requests[event.request], file.case.closed_at or work.now
    left = (closed + timedelta(days=int(city.current().rule("rating.window_days"))) - work.now) // timedelta(days=1)
    key = f"rating_annulled:{entry.row.seq}"
    if left > 0:
        notify_pause.send(work, file, request, "rate_anew", key=key, days=str(left))
    else:
        notify_pause.send(work, file, request, "rate_gone", key=key)
