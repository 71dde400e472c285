"""What requesters are told around a return visit: three calls did not reach them, so a message asks."""

from __future__ import annotations

from datetime import timedelta

from cases import reaching
from cases.file import CaseFile, Entry
from channels import notify, ways
from hotline.work import Work


async def on_missed(work: Work, file: CaseFile, entry: Entry) -> None:
    """After the last try: how was it, by each of their doors, else by SMS to the number that was called."""
    event = entry.event
    if not event.is_last:  # type: ignore[attr-defined]
        return
    request = file.requests[event.request]  # type: ignore[attr-defined]
    if request.asked_until is None:
        return
    days = str(max((request.asked_until - work.now) // timedelta(days=1), 1))
    key = f"missed:{entry.row.seq}"
    number = reaching.mobile(request)
    if any(ways.of(request)) or not number:
        notify.send(work, file, request, "missed", key=key, days=days)
        return
    notify.tell(
        work, channel="sms", address=number, name="missed", lang=request.lang, key=f"{key}:{request.id}",
        case_id=file.case.id, request_id=request.id, is_waking=True, number=request.receipt_no, days=days,
    )  # fmt: skip
