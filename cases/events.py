"""One struct a kind, past tense. An event holds ids, codes and times; words and names stand beside it (rules.md 5)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from cases import event_areas  # noqa: F401 - each area defines kinds of its own
from cases.event import CENTRE, REQUESTER, STAFF, Event
from cases.events_cluster import Clustered
from cases.events_promise import Breached, OrderAnswered, Ordered, OrderSigned, Promise, Promised, Reminded, Warned
from cases.events_unit import (
    CoHandlerAdded,
    Contacted,
    Dispatched,
    Handled,
    Recalled,
    ReturnApproved,
    ReturnRefused,
    ReturnRequested,
    RoutingMissed,
    SentBack,
    Signed,
)
from cases.events_visit import Draw

__all__ = [
    "CENTRE",
    "KINDS",
    "REQUESTER",
    "STAFF",
    "Accepted",
    "Answered",
    "Approved",
    "Breached",
    "Closed",
    "Clustered",
    "CoHandlerAdded",
    "Contacted",
    "Declined",
    "Dispatched",
    "Draw",
    "Erased",
    "Event",
    "Handled",
    "Imported",
    "Noticed",
    "OrderAnswered",
    "OrderSigned",
    "Ordered",
    "Promise",
    "Promised",
    "Rated",
    "Recalled",
    "Registered",
    "Reminded",
    "ReturnApproved",
    "ReturnRefused",
    "ReturnRequested",
    "Reworked",
    "RoutingMissed",
    "SentBack",
    "Signed",
    "Transferred",
    "Urged",
    "VisitMissed",
    "Visited",
    "Warned",
    "Withdrawn",
    "WordsAdded",
    "decode",
    "encode",
]


class Registered(Event, frozen=True, kw_only=True):
    """A request came in and became a case. Texts: words, title, place, name, phone, address and the like."""

    kind: ClassVar[str] = "registered"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    number: str
    code: str
    request_kind: str
    urgency: str = "normal"
    channel: str
    line: str = "12345"
    reply_by: str = "none"
    second_by: str = "none"
    requester_kind: str = "person"
    organisation_code: str | None = None
    county: str = "city"
    township: str | None = None
    matter: str | None = None
    about_unit: str | None = None
    is_anonymous: bool = False
    is_confidential: bool = False
    is_minor: bool = False
    is_investigation: bool = False
    is_vulnerable: bool = False
    filed_at: datetime
    filed_by: UUID | None = None
    account: UUID | None = None
    portal: str | None = None
    lang: str = "zh"
    origin_system: str | None = None
    origin_no: str | None = None


class Accepted(Event, frozen=True, kw_only=True):
    """受理. Texts: summary (what a unit sees of a sealed case), title."""

    kind: ClassVar[str] = "accepted"
    audience: ClassVar[str] = REQUESTER

    matter: str
    county: str
    township: str | None = None
    urgency: str = "normal"
    decided_by: str = "person"
    no_place: str | None = None


class Declined(Event, frozen=True, kw_only=True):
    """不予受理: the reason is a code, the right channel and the answer are texts (seed 003-08)."""

    kind: ClassVar[str] = "declined"
    audience: ClassVar[str] = REQUESTER

    reason: str


class Transferred(Event, frozen=True, kw_only=True):
    """转接 to an emergency or professional number; the foreign reference when there is one."""

    kind: ClassVar[str] = "transferred"
    audience: ClassVar[str] = REQUESTER

    target: str
    reference: str | None = None
    is_statutory: bool = False


class Answered(Event, frozen=True, kw_only=True):
    """直接答复: answered at first contact, from an article in one of its versions or in own words. Text: reply."""

    kind: ClassVar[str] = "answered"
    audience: ClassVar[str] = REQUESTER

    article: str | None = None
    article_version: int | None = None


class Approved(Event, frozen=True, kw_only=True):
    """审核通过: the public reply goes to the requester, the return visit is due.

    ``policy`` is the version of the sampling policy that held, ``draws`` what it drew, where it did not visit all.
    """

    kind: ClassVar[str] = "approved"
    audience: ClassVar[str] = REQUESTER

    exempt: tuple[UUID, ...] = ()
    exempt_reason: str | None = None
    policy: int | None = None
    draws: tuple[Draw, ...] = ()


class Visited(Event, frozen=True, kw_only=True):
    """回访 reached the requester; their word stands beside the unit's claim. Text: said."""

    kind: ClassVar[str] = "visited"
    audience: ClassVar[str] = REQUESTER

    visit: UUID
    request: UUID
    channel: str = "phone"
    was_contacted: bool
    is_solved: bool
    is_truthful: bool = True
    grade: str | None = None
    rating: UUID | None = None
    record: UUID | None = None
    cause: str | None = None


class VisitMissed(Event, frozen=True, kw_only=True):
    """A try without answers. ``outcome``: unreached, refused (no more calls), later (they named an hour).

    ``is_last``: the tries are used up and a message asks instead, answered until ``asked_until``. ``is_repeat``: in a
    part of the day that was tried before; it is noted and counts as no further try.
    """

    kind: ClassVar[str] = "visit_missed"
    audience: ClassVar[str] = REQUESTER

    visit: UUID
    request: UUID
    channel: str = "phone"
    outcome: str = "unreached"
    is_last: bool = False
    next_at: datetime | None = None
    asked_until: datetime | None = None
    is_repeat: bool = False


class Reworked(Event, frozen=True, kw_only=True):
    """重办: unsolved or dissatisfied; only the assignment at fault goes back. Text: reason."""

    kind: ClassVar[str] = "reworked"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    request: UUID
    profile: str


class Closed(Event, frozen=True, kw_only=True):
    """结案, by the centre's return visit or a recorded policy, never by acceptor or handler (rules.md 2)."""

    kind: ClassVar[str] = "closed"
    audience: ClassVar[str] = REQUESTER

    reason: str
    policy: int | None = None


class Rated(Event, frozen=True, kw_only=True):
    """评价: one of four grades; the raw grade and its scale are kept. Text: words."""

    kind: ClassVar[str] = "rated"
    audience: ClassVar[str] = REQUESTER

    rating: UUID
    record: UUID
    request: UUID
    unit: str
    grade: str
    raw_grade: str
    scale: str = "four"
    channel: str = "web"


class WordsAdded(Event, frozen=True, kw_only=True):
    """补充: the requester (or the agent for them) added words. Text: words."""

    kind: ClassVar[str] = "words_added"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    channel: str = "web"


class Urged(Event, frozen=True, kw_only=True):
    """催办 by the requester; a follow-up on an open case is a reminder on it, not a new case."""

    kind: ClassVar[str] = "urged"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    channel: str = "web"


class Withdrawn(Event, frozen=True, kw_only=True):
    """撤单 by the requester before any unit has it. Text: words."""

    kind: ClassVar[str] = "withdrawn"
    audience: ClassVar[str] = REQUESTER

    request: UUID


class Noticed(Event, frozen=True, kw_only=True):
    """曝光纠错: a notice drawn from this case was published."""

    kind: ClassVar[str] = "noticed"

    notice: UUID
    number: str


class Imported(Event, frozen=True, kw_only=True):
    """The rest of a legacy case: what the old system knew of its handling, with its own dates.

    ``clock`` is the finish clock as it was replayed, ``outcome`` met or late once the case was closed. Text: note.
    """

    kind: ClassVar[str] = "imported"
    audience: ClassVar[str] = REQUESTER

    batch: UUID
    matter: str | None = None
    unit: str | None = None
    assignment: UUID | None = None
    profile: str | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    grade: str | None = None
    clock: UUID | None = None
    due: datetime | None = None
    outcome: str | None = None


class Erased(Event, frozen=True, kw_only=True):
    """Texts were erased under a rule; ``erased`` names them as (seq, field). The hashes stay (rules.md 5)."""

    kind: ClassVar[str] = "erased"

    rule: str
    erased: tuple[tuple[int, str], ...]
    requests: tuple[UUID, ...] = ()


KINDS: dict[str, type[Event]] = {one.kind: one for one in Event.__subclasses__()}


def log_of(kind: str, default: str = "i") -> str:
    """In which log the events of a kind stand: "p" public, "i" internal; ``default`` for a kind we do not know."""
    known = KINDS.get(kind)
    return default if known is None else ("p" if known.audience == REQUESTER else "i")


def encode(event: Event) -> dict[str, object]:
    """The event's fields as plain values, times in ISO 8601."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    return fields


def decode(kind: str, data: bytes | str) -> Event:
    """The event of ``kind`` from its canonical JSON. Raises KeyError for a kind unknown to this version."""
    return msgspec.json.decode(data, type=KINDS[kind], strict=False)
