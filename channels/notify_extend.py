"""What requesters hear of more time: why, and the new date; of a sealed case the date alone.

Nothing while the case stands: the date is known, and told, when it goes on. Whoever keeps a date of their own from
before a merge hears of no other.
"""

from __future__ import annotations

from datetime import datetime

from cases.events_extend import ExtensionGranted, LawApplied
from cases.file import CaseFile, Entry
from channels import notify, texts
from hotline import city
from hotline.errors import Say
from hotline.work import Work


async def on_granted(work: Work, file: CaseFile, entry: Entry) -> None:
    """The lead has more time. A co-handler's own date is no requester's; what it moves of the lead's is told apart."""
    event = entry.event
    assert isinstance(event, ExtensionGranted)  # noqa: S101 - the flow lists this for the kind
    told = entry.texts.get("told")
    if event.is_lead and not event.is_standing:
        why = (told.value if told is not None else None) or "需要更多时间"
        _tell(work, file, entry, Say(why, why), event.due)


async def on_law(work: Work, file: CaseFile, entry: Entry) -> None:
    """A statute gives the case its own time."""
    event = entry.event
    assert isinstance(event, LawApplied)  # noqa: S101 - the flow lists this for the kind
    if event.is_standing:
        return
    law = city.current().statutes.get(event.law)
    name = law.name if law is not None else Say("法定程序", "a procedure by law")
    _tell(work, file, entry, Say(f"按{name.zh}的法定期限办", f"by the law on {name.en}"), event.due)


def _tell(work: Work, file: CaseFile, entry: Entry, why: Say, due: datetime) -> None:
    day = notify.say_day(due)
    for request in file.requests.values():
        if request.state != "open" or notify.own_dates(work, file, request):
            continue
        key, until = f"extended:{entry.row.seq}", day.in_(request.lang)
        if file.case.is_sealed:
            notify.send(work, file, request, "extended_sealed", key=key, due=until)
        else:
            reason = texts.cut(why.in_(request.lang), texts.WHY).rstrip("。.")
            notify.send(work, file, request, "extended", key=key, why=reason, due=until)
