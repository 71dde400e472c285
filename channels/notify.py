"""Event → who hears of it, by which door, in which words. Each message is an outbox row of the same transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cases import events as e
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from channels import texts
from channels.rows import OutboxRow
from hotline import city, clock, vault
from hotline.errors import Say
from hotline.ids import new_id
from hotline.work import Work

DOORS = frozenset({"sms"})
"""Ways to answer that are a message to a telephone number; web answers are read on the tracking page."""


def say_day(moment: datetime | None) -> Say:
    """A due day as citizens read it: 11月27日 / 27 Nov."""
    if moment is None:
        return Say("尽早", "soon")
    day = clock.local_day(moment)
    return Say(f"{day.month}月{day.day}日", f"{day.day} {day:%b}")


def send(work: Work, file: CaseFile, request: RequestRow, key: str, text: str) -> None:
    """Put one message for one requester into the outbox; nothing when they did not leave a way to be answered."""
    if request.reply_by not in DOORS or request.phone is None:
        return
    number = vault.unseal(request.phone, "case_text.phone")
    address = vault.seal(number, "outbox")
    work.add(OutboxRow(
        id=new_id(), key=f"{key}:{request.id}", case_id=file.case.id, request_id=request.id, channel=request.reply_by,
        address=address, body=vault.seal(texts.SIGNATURE + text, "outbox"), created_at=work.now, next_at=work.now,
    ))  # fmt: skip


def tell(
    work: Work, *, channel: str, address: str, name: str, lang: str = "zh", key: str = "", case_id: UUID | None = None,
    is_waking: bool = False, **values: str,
) -> OutboxRow:  # fmt: skip
    """Say ``texts`` ``name`` to one address, whatever case it concerns, if any."""
    text = texts.write(name, lang, **values)
    one = OutboxRow(
        id=new_id(), key=key or f"{name}:{new_id()}", name=name, channel=channel, case_id=case_id, request_id=None,
        address=vault.seal(address, "outbox"), created_at=work.now, next_at=work.now, is_waking=is_waking,
        body=vault.seal((texts.SIGNATURE if channel == "sms" else "") + text, "outbox"),
    )  # fmt: skip
    work.add(one)
    return one


async def on_registered(work: Work, file: CaseFile, entry: Entry) -> None:
    """The receipt, unless the case is accepted in the same breath and one message can say both."""
    _, is_accepted = work.kept.get("receipts", {}).get(file.first_request.receipt_no, ("", False))
    if not is_accepted or file.case.is_sealed:
        send_receipt(work, file)


def send_receipt(work: Work, file: CaseFile) -> None:
    """Number and code to whoever has just sent the message; nothing when the message is not at hand."""
    request = file.first_request
    code, _ = work.kept.get("receipts", {}).get(request.receipt_no, ("", False))
    if code:
        send(work, file, request, "received", texts.write("received", number=request.receipt_no, code=code))


async def on_dispatched(work: Work, file: CaseFile, entry: Entry) -> None:
    """Who has it and until when; with the number and code when this is the first message. Sealed cases: no subject."""
    if file.case.is_sealed or file.case.rework_count:
        return
    unit = city.current().unit(entry.event.unit)  # type: ignore[attr-defined]
    finish = [
        r for r in work.kept.get("clocks", {}).get(file.case.id, []) if r.stage == "finish" and r.stopped_at is None
    ]
    due = say_day(finish[-1].due_at if finish else None).zh
    subject = texts.subject_of(file.case.title)
    for request in file.requests.values():
        code, _ = work.kept.get("receipts", {}).get(request.receipt_no, ("", False))
        number = request.receipt_no
        if code:
            text = texts.write("accepted", subject=subject, number=number, code=code, due=due)
        else:
            text = texts.write("dispatched", subject=subject, number=number, unit=unit.name_zh if unit else "", due=due)
        send(work, file, request, f"dispatched:{entry.row.seq}", text)


async def on_routing_missed(work: Work, file: CaseFile, entry: Entry) -> None:
    """Accepted but not yet with a unit: the receipt still has to be given."""
    _, is_accepted = work.kept.get("receipts", {}).get(file.first_request.receipt_no, ("", False))
    if is_accepted and not file.case.is_sealed:
        send_receipt(work, file)


def _reply_of(entry: Entry) -> str:
    row = entry.texts.get("reply")
    return (row.value or "") if row else ""


async def on_answered(work: Work, file: CaseFile, entry: Entry) -> None:
    """Answered at once: the answer itself."""
    for request in file.requests.values():
        send(
            work, file, request, "answered", texts.write("answered", number=request.receipt_no, reply=_reply_of(entry))
        )


async def on_declined(work: Work, file: CaseFile, entry: Entry) -> None:
    """Declined: the sentence that names the right channel."""
    for request in file.requests.values():
        send(
            work, file, request, "declined", texts.write("declined", number=request.receipt_no, reply=_reply_of(entry))
        )


async def on_transferred(work: Work, file: CaseFile, entry: Entry) -> None:
    """Transferred: where to."""
    event = entry.event
    target = event.target if isinstance(event, e.Transferred) else ""
    for request in file.requests.values():
        send(work, file, request, "transferred", texts.write("transferred", number=request.receipt_no, target=target))


async def on_approved(work: Work, file: CaseFile, entry: Entry) -> None:
    """There is a reply; the return visit follows."""
    for request in file.requests.values():
        send(work, file, request, f"replied:{entry.row.seq}", texts.write("replied", number=request.receipt_no))


async def on_reworked(work: Work, file: CaseFile, entry: Entry) -> None:
    """Back at the unit, with the new date."""
    finish = [
        r for r in work.kept.get("clocks", {}).get(file.case.id, []) if r.stage == "finish" and r.stopped_at is None
    ]
    due = say_day(finish[-1].due_at if finish else None).zh
    request = file.requests[entry.event.request]  # type: ignore[attr-defined]
    send(work, file, request, f"rework:{entry.row.seq}", texts.write("rework", number=request.receipt_no, due=due))


async def on_visit_missed(work: Work, file: CaseFile, entry: Entry) -> None:
    """After the last try: how to rate without the call."""
    if entry.event.is_last:  # type: ignore[attr-defined]
        request = file.requests[entry.event.request]  # type: ignore[attr-defined]
        send(work, file, request, f"missed:{entry.row.seq}", texts.write("missed", number=request.receipt_no))


async def on_closed(work: Work, file: CaseFile, entry: Entry) -> None:
    """Closed: the invitation to rate, for those who have not."""
    days = str(city.current().rule("rating.window_days"))
    for request in file.requests.values():
        if request.first_grade is None:
            send(work, file, request, "rate", texts.write("rate", number=request.receipt_no, days=days))
