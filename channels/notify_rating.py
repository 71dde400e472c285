"""Who hears of an appeal of a rating: the centre that it waits, its requester when the rating goes."""

from __future__ import annotations

from datetime import timedelta

from cases.events_rating import RatingAppealDecided
from cases.file import CaseFile, Entry
from channels import notify_pause, reminders
from hotline import city
from hotline.errors import Say
from hotline.work import Work


async def on_appealed(work: Work, file: CaseFile, entry: Entry) -> None:
    """The centre's auditors hear that an appeal waits; whoever had a hand in the case leaves it to another."""
    say = Say(f"{file.case.number}评价申诉待裁定", f"{file.case.number}: the appeal of a rating waits to be decided")
    key = f"rating_appealed:{file.case.id}:{entry.row.seq}"
    await reminders.remind(work, unit="", kind="rating_appealed", case=file, text=say, to="auditor", key=key)


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
