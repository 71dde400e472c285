"""What requesters hear when their case stands: the one question, that it is on the plan, that it goes on."""

from __future__ import annotations

from collections.abc import Iterable

from cases.events_pause import InfoAsked, InfoLapsed, Suspended
from cases.file import CaseFile, Entry
from cases.rows import RequestRow
from channels import notify, ways
from hotline import vault
from hotline.accounts import is_mobile
from hotline.work import Work


async def on_info_asked(work: Work, file: CaseFile, entry: Entry) -> None:
    """The whole list, by their doors; whoever chose none and left a mobile number gets an SMS all the same."""
    event = entry.event
    assert isinstance(event, InfoAsked)  # noqa: S101 - the flow lists this for the kind
    request, text = file.requests[event.request], entry.texts.get("list")
    items = "；".join((text.value or "").splitlines()) if text is not None else ""
    due = notify.say_day(event.until).in_(request.lang)
    send(work, file, request, "needs_info", key=f"needs_info:{entry.row.seq}", items=items, due=due)


def send(work: Work, file: CaseFile, request: RequestRow, name: str, *, key: str, **values: str) -> None:
    """By each of their doors; whoever chose none and left a mobile number gets an SMS all the same."""
    if next(ways.of(request), None) is not None:
        notify.send(work, file, request, name, key=key, **values)
        return
    number = vault.unseal(request.phone, "case_text.phone") if request.phone is not None else ""
    if is_mobile(number) and not request.is_anonymous:
        one = notify.tell(
            work, channel="sms", address=number, name=name, lang=request.lang, key=f"{key}:{request.id}",
            case_id=file.case.id, is_waking=True, number=request.receipt_no, **values,
        )  # fmt: skip
        one.request_id = request.id


async def on_info_ended(work: Work, file: CaseFile, entry: Entry) -> None:
    """Nobody is waited for any more: the new date, for all whose date it moved. Before a unit has it there is none."""
    _go_on(work, file, entry, [one for one in _open(file) if file.lead and not notify.own_dates(work, file, one)])


async def on_info_lapsed(work: Work, file: CaseFile, entry: Entry) -> None:
    """It ended for want of an answer; they may come again at any time."""
    event = entry.event
    assert isinstance(event, InfoLapsed)  # noqa: S101 - the flow lists this for the kind
    request = file.requests[event.request]
    send(work, file, request, "info_lapsed", key=f"info_lapsed:{entry.row.seq}")


async def on_suspended(work: Work, file: CaseFile, entry: Entry) -> None:
    """On the plan, with the day on which it is looked at again. Of a sealed case the state alone."""
    event = entry.event
    assert isinstance(event, Suspended)  # noqa: S101 - the flow lists this for the kind
    for request in _open(file):
        due = notify.say_day(event.review).in_(request.lang)
        notify.send(work, file, request, "planned", key=f"planned:{entry.row.seq}", due=due)


async def on_resumed(work: Work, file: CaseFile, entry: Entry) -> None:
    """Being done again, with the new date of the answer."""
    _go_on(work, file, entry, _open(file))


def _go_on(work: Work, file: CaseFile, entry: Entry, requests: Iterable[RequestRow]) -> None:
    for request in requests:
        due = notify.due_of(work, file, request).in_(request.lang)
        notify.send(work, file, request, "resumed", key=f"resumed:{entry.row.seq}", due=due)


def _open(file: CaseFile) -> list[RequestRow]:
    return [one for one in file.requests.values() if one.state == "open"]
