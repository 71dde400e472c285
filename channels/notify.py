"""Event → who hears of it, by which doors, in which words. Each message is an outbox row of the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from cases import events as e
from cases import track
from cases.events_audit import ClaimDecided
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from channels import emergency, outbox, texts, ways
from channels.rows import OutboxRow
from hotline import city, clock, jobs
from hotline.errors import Say
from hotline.ids import new_id
from hotline.work import Work

_REPLY = """
    SELECT t.value FROM case_text t JOIN case_event e USING (case_id, seq)
    WHERE t.case_id = $1 AND t.field = 'reply' AND t.audience = 'requester' AND t.value <> '' AND e.kind = 'handled'
        AND e.data::jsonb ->> 'assignment' = $2
    ORDER BY seq DESC LIMIT 1
"""


def say_day(moment: datetime | None) -> Say:
    """A due day as citizens read it: 11月27日 / 27 Nov."""
    if moment is None:
        return Say("尽早", "soon")
    day = clock.local_day(moment)
    return Say(f"{day.month}月{day.day}日", f"{day.day} {day:%b}")


def send(
    work: Work, file: CaseFile, request: RequestRow, name: str, /, *, key: str = "", only: str = "",
    **values: str,
) -> None:  # fmt: skip
    """Put one message for one requester into the outbox, by each of their doors (or the one named ``only``).

    Whoever has just written is answered at once, anybody else not in the quiet hours. Nothing when they left no way.
    """
    is_answer = bool(only) or _code(work, request) != ""
    values = {"number": request.receipt_no, **values}
    given = values if file.case.is_sealed else {"subject": texts.subject_of(file.case.title), **values}
    for n, (channel, address) in enumerate(ways.of(request)):
        if only and channel != only:
            continue
        work.add(ways.row(
            key=":".join([key or name, str(request.id), *([channel] if n else [])]), name=name, channel=channel,
            address=address, text=ways.worded(name, channel, request.lang, given),
            facts=ways.facts(name, request.lang, given), now=work.now, is_waking=not is_answer,
            case_id=file.case.id, request_id=request.id,
        ))  # fmt: skip
        hurry(work)


def tell(
    work: Work, *, channel: str, address: str, name: str, lang: str = "zh", key: str = "", case_id: UUID | None = None,
    is_waking: bool = False, **values: str,
) -> OutboxRow:  # fmt: skip
    """Say ``texts`` ``name`` to one address, whatever case it concerns, if any: an answer to what they wrote just now.

    ``key`` makes a second one impossible (a clash undoes the transaction); without it each call is a message.
    """
    one = ways.row(
        key=key or f"{name}:{new_id()}", name=name, channel=channel, address=address,
        text=ways.worded(name, channel, lang, values), facts=ways.facts(name, lang, values), now=work.now,
        is_waking=is_waking, case_id=case_id,
    )  # fmt: skip
    work.add(one)
    hurry(work)
    return one


def hurry(work: Work) -> None:
    """Ask for a run of the outbox once the messages are committed; without a carrier there is nothing to hurry for."""
    if outbox.SENDERS and not work.kept.setdefault("hurried", False):
        work.kept["hurried"] = True

        async def nudge() -> None:
            jobs.nudge_soon("send_messages")

        work.after(nudge)


def _code(work: Work, request: RequestRow) -> str:
    """The query code, when the message that made this request is at hand: then this is the answer to it."""
    code, _ = work.kept.get("receipts", {}).get(request.receipt_no, ("", False))
    return str(code)


async def on_registered(work: Work, file: CaseFile, entry: Entry) -> None:
    """The receipt, unless the case is accepted in the same breath and one message can say both."""
    _, is_accepted = work.kept.get("receipts", {}).get(file.first_request.receipt_no, ("", False))
    if not is_accepted or file.case.is_sealed:
        send_receipt(work, file)


def send_receipt(work: Work, file: CaseFile) -> None:
    """Number and code to whoever has just sent the message; nothing when the message is not at hand."""
    request = file.first_request
    if code := _code(work, request):
        send(work, file, request, "received", code=code)


async def on_dispatched(work: Work, file: CaseFile, entry: Entry) -> None:
    """Who has it and until when; with the number and code when this is the first message. Sealed cases: no subject."""
    if file.case.is_sealed or file.case.rework_count:
        return
    unit = city.current().unit(entry.event.unit)  # type: ignore[attr-defined]
    key = f"dispatched:{entry.row.seq}"
    for request in file.requests.values():
        lang, due = request.lang, due_of(work, file, request)
        if code := _code(work, request):
            send(work, file, request, "accepted", key=key, code=code, due=due.in_(lang))
            continue
        name = Say(unit.name_zh, unit.name_en).in_(lang) if unit else ""
        send(
            work, file, request, "dispatched", key=key, unit=texts.cut(name, texts.UNIT[lang]), due=due.in_(lang)
        )


def due_of(work: Work, file: CaseFile, request: RequestRow) -> Say:
    """When this requester gets an answer: the day that was told to them where there is one, else the case's own."""
    lead = file.lead.id if file.lead is not None else None
    finish = [r for r in _running(work, file) if r.stage == "finish" and r.subject_id == lead]
    dates = own_dates(work, file, request) or [r.due_at for r in finish]
    return say_day(dates[-1] if dates else None)


def own_dates(work: Work, file: CaseFile, request: RequestRow) -> list[datetime]:
    """The date that this requester was told before their request joined others, if it still runs: it stays theirs."""
    return [r.due_at for r in _running(work, file) if r.subject_id == request.id and r.stage == "answer"]


def _running(work: Work, file: CaseFile) -> list[Any]:
    return [r for r in work.kept.get("clocks", {}).get(file.case.id, []) if r.stopped_at is None]


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
    _tell_end(work, file, entry, "answered")


async def on_claim_decided(work: Work, file: CaseFile, entry: Entry) -> None:
    """Put aside by the centre: the polite word that explains it (domain.md 2.14). A refused claim is told to nobody."""
    if isinstance(entry.event, ClaimDecided) and entry.event.is_upheld:
        _tell_end(work, file, entry, "answered")


async def on_declined(work: Work, file: CaseFile, entry: Entry) -> None:
    """Declined: the sentence that names the right channel."""
    _tell_end(work, file, entry, "declined")


def _tell_end(work: Work, file: CaseFile, entry: Entry, name: str) -> None:
    for request in file.requests.values():
        if file.case.is_sealed:
            _tell_state(work, file, request, name)
            continue
        where = ways.where(request.lang)
        send(work, file, request, name, reply=_stopped(_reply_of(entry)), where=where)


def _tell_state(work: Work, file: CaseFile, request: RequestRow, state: str) -> None:
    """Of a sealed case its state and no word more: others may see the message."""
    send(work, file, request, "progress_sealed", key=state, state=track.STATES[state].in_(request.lang))


async def on_transferred(work: Work, file: CaseFile, entry: Entry) -> None:
    """Transferred: where to."""
    if isinstance(entry.event, e.Transferred) and entry.event.is_statutory:
        _tell_end(work, file, entry, "declined")  # which way it has to go, in the words that were chosen
        return
    target = entry.event.target if isinstance(entry.event, e.Transferred) else ""
    for request in file.requests.values():
        if target in emergency.NUMBERS and request.filed_by is None:
            send(work, file, request, "emergency", target=target)
        elif file.case.is_sealed:
            _tell_state(work, file, request, "transferred")
        else:
            send(work, file, request, "transferred", target=target)


async def on_approved(work: Work, file: CaseFile, entry: Entry) -> None:
    """There is a reply; the return visit follows. Of a sealed case no word stands in a message that others may see."""
    reply = ""
    if not file.case.is_sealed and file.lead is not None:
        reply = await work.connection.fetchval(_REPLY, file.case.id, str(file.lead.id)) or ""
    for request in file.requests.values():
        key = f"replied:{entry.row.seq}"
        if reply:
            where = ways.where(request.lang)
            send(work, file, request, "replied", key=key, reply=_stopped(reply), where=where)
        else:
            send(work, file, request, "replied_sealed", key=key)


def _stopped(text: str) -> str:
    """The text with a full stop, so that what follows it is a sentence of its own."""
    text = text.strip()
    return text if text[-1:] in "。！？.!?…" else text + "。"


async def on_reworked(work: Work, file: CaseFile, entry: Entry) -> None:
    """Back at the unit, with the new date."""
    request = file.requests[entry.event.request]  # type: ignore[attr-defined]
    due = due_of(work, file, request).in_(request.lang)
    send(work, file, request, "rework", key=f"rework:{entry.row.seq}", due=due)


async def on_lead_due_moved(work: Work, file: CaseFile, entry: Entry) -> None:
    """The new date, since a unit that joined late needs the time; whoever was told one date is told the other.

    Not whoever keeps a date of their own, nor while the case stands: the date is told when it goes on.
    """
    due = say_day(entry.event.due)  # type: ignore[attr-defined]
    for request in file.requests.values():
        if request.state == "open" and file.case.paused is None and not own_dates(work, file, request):
            send(work, file, request, "moved", key=f"moved:{entry.row.seq}", due=due.in_(request.lang))


async def on_site_visit(work: Work, file: CaseFile, entry: Entry) -> None:
    """The slot of a visit to a requester who agreed to be told: planned, moved or cancelled."""
    event: Any = entry.event
    if not event.tells:
        return
    name = event.kind.removeprefix("site_")
    for request in file.requests.values():
        if request.state == "open":
            when = _slot(event.starts, getattr(event, "ends", None)).in_(request.lang)
            send(work, file, request, name, key=f"{name}:{entry.row.seq}", when=when)


def _slot(starts: datetime, ends: datetime | None) -> Say:
    first = clock.local(starts)
    hours = f"{first.hour}:{first:%M}" + (f"–{clock.local(ends).hour}:{clock.local(ends):%M}" if ends else "")
    return Say(f"{first.month}月{first.day}日{hours}", f"{first.day} {first:%b}, {hours}")


async def on_closed(work: Work, file: CaseFile, entry: Entry) -> None:
    """Closed: the invitation to rate, for those who have not."""
    days = str(city.current().rule("rating.window_days"))
    if any(share.excluded for share in file.assignments.values()):
        return  # put aside by the centre, which has explained itself; or withdrawn
    for request in file.requests.values():
        if request.first_grade is None:
            send(work, file, request, "rate", key=f"rate:{entry.row.seq}", days=days)  # at each closing


async def on_words_added(work: Work, file: CaseFile, entry: Entry) -> None:
    """What came by a text door is acknowledged there; a web page and a person have said so themselves."""
    _acknowledge(work, file, entry, "words_received")


async def on_urged(work: Work, file: CaseFile, entry: Entry) -> None:
    """The same for a reminder."""
    _acknowledge(work, file, entry, "urged")


def _acknowledge(work: Work, file: CaseFile, entry: Entry, name: str) -> None:
    event = entry.event
    if isinstance(event, e.WordsAdded | e.Urged) and event.channel in ways.DOORS and event.request in file.requests:
        send(work, file, file.requests[event.request], name, key=f"{name}:{entry.row.seq}", only=event.channel)
