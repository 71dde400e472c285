"""What a dispatch rule may ask about a case: plain facts without any name or number. Pure over the city snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from cases.file import CaseFile
from cases.rows import CaseRow
from cases.search import strip_personal
from hotline import city, clock
from hotline.city import City

FLAGS = ("vulnerable", "minor", "investigation", "repeat")
"""What may be marked on a case: frail people, minors, a matter under investigation, a requester who called before."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One case as rules see it. ``county`` is "" while nobody knows the place; ``words`` are stripped and casefolded.

    ``weekday`` runs from 1, Monday, to 7; ``minute`` is the minute of the city's day in which the case came in.
    """

    line: str = "12345"
    channel: str = "web"
    kind: str = "assistance"
    urgency: str = "normal"
    matter: str = ""
    county: str = ""
    township: str = ""
    requester: str = "person"
    about: str = ""
    words: str = ""
    minute: int = 0
    weekday: int = 1
    is_working_day: bool = True
    flags: tuple[str, ...] = ()


def of(file: CaseFile, snapshot: City, *, is_repeat: bool = False) -> Facts:
    """The facts of a case; ``is_repeat`` is for whoever can look into the past to say."""
    first = file.first_request
    said = " ".join(one.words for one in file.requests.values() if one.words)
    return _facts(
        file.case, snapshot, requester=first.requester_kind, words=said, is_repeat=is_repeat,
        about=next((one.about_unit for one in file.requests.values() if one.about_unit), "") or "",
    )  # fmt: skip


def of_row(row: Any, snapshot: City) -> Facts:
    """The facts of a record of ``routing.trial``: a case's columns with requester, about, words and is_repeat."""
    return _facts(
        row, snapshot, requester=row["requester_kind"], words=row["words"] or "", about=row["about_unit"] or "",
        is_repeat=row["is_repeat"],
    )  # fmt: skip


def of_call(snapshot: City, at: datetime, *, words: str, flags: Iterable[str] = (), **known: str) -> Facts:
    """The facts of what is being said just now, before it is a case; ``known`` are fields of Facts by name."""
    local = clock.local(at)
    return Facts(
        **known, words=strip_personal(words).casefold() if words else "", minute=local.hour * 60 + local.minute,
        weekday=local.isoweekday(), is_working_day=works(snapshot, local), flags=tuple(flags),
    )  # fmt: skip


def _facts(
    case: CaseRow | Any, snapshot: City, *, requester: str, words: str, about: str, is_repeat: bool
) -> Facts:
    one = case.__getattribute__ if isinstance(case, CaseRow) else case.__getitem__
    at = clock.local(one("opened_at"))
    marks = (one("is_vulnerable"), one("is_minor"), one("is_investigation"), is_repeat)
    county = one("county")
    return Facts(
        line=one("line"), channel=one("channel"), kind=one("kind"), urgency=one("urgency"), matter=one("matter") or "",
        county="" if county == city.CITY else county, township=one("township") or "", requester=requester,
        about=about, words=strip_personal(words).casefold() if words else "",
        minute=at.hour * 60 + at.minute, weekday=at.isoweekday(), is_working_day=works(snapshot, at),
        flags=tuple(name for name, is_set in zip(FLAGS, marks, strict=True) if is_set),
    )  # fmt: skip


def works(snapshot: City, at: datetime) -> bool:
    """Whether the city works on the day of ``at``: Monday to Friday, but for holidays and make-up days."""
    day = snapshot.calendar.days.get(at.date())
    return at.isoweekday() <= 5 if day is None else day.is_working
