"""One struct a kind, past tense. An event holds ids, codes and times; words and names stand beside it (rules.md 5)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

REQUESTER = "requester"
STAFF = "staff"
CENTRE = "centre"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every kind has: who may see its sentence, and the version of its fields.

    ``audience``: requester (the requester too), staff (the centre and the units), centre (not the units).
    """

    kind: ClassVar[str]
    audience: ClassVar[str] = STAFF
    version: ClassVar[int] = 1


class Registered(Event, kw_only=True):
    """A request came in and became a case. Texts: words, title, place, name, phone, phone_index, address, …"""

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
    origin_system: str | None = None
    origin_no: str | None = None


class Accepted(Event, kw_only=True):
    """受理. Texts: summary (what a unit sees of a sealed case), title."""

    kind: ClassVar[str] = "accepted"
    audience: ClassVar[str] = REQUESTER

    matter: str
    county: str
    township: str | None = None
    urgency: str = "normal"
    decided_by: str = "person"
    no_place: str | None = None


class Declined(Event, kw_only=True):
    """不予受理: the reason is a code, the right channel and the answer are texts (seed 003-08)."""

    kind: ClassVar[str] = "declined"
    audience: ClassVar[str] = REQUESTER

    reason: str


class Transferred(Event, kw_only=True):
    """转接 to an emergency or professional number; the foreign reference when there is one."""

    kind: ClassVar[str] = "transferred"
    audience: ClassVar[str] = REQUESTER

    target: str
    reference: str | None = None


class Answered(Event, kw_only=True):
    """直接答复: answered at first contact. Text: reply."""

    kind: ClassVar[str] = "answered"
    audience: ClassVar[str] = REQUESTER

    article: str | None = None


class Dispatched(Event, kw_only=True):
    """派单 to a lead unit; ``basis`` says by what: catalogue, person, rule, conference."""

    kind: ClassVar[str] = "dispatched"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    unit: str
    basis: str
    profile: str
    is_binding: bool = False


class CoHandlerAdded(Event, kw_only=True):
    """加派: another unit works beside the lead, with its own deadlines."""

    kind: ClassVar[str] = "co_handler_added"

    assignment: UUID
    unit: str
    profile: str


class RoutingMissed(Event, kw_only=True):
    """No unit could be chosen; the case is on the dispatcher's desk. ``reason`` is a code."""

    kind: ClassVar[str] = "routing_missed"

    reason: str


class Recalled(Event, kw_only=True):
    """改派: the centre took the case back from a unit. Text: reason."""

    kind: ClassVar[str] = "recalled"

    assignment: UUID


class Signed(Event, kw_only=True):
    """签收: the unit acknowledged."""

    kind: ClassVar[str] = "signed"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID


class Contacted(Event, kw_only=True):
    """首次联系: the unit spoke with the requester, through the hotline where the requester is shielded."""

    kind: ClassVar[str] = "contacted"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    way: str


class ReturnRequested(Event, kw_only=True):
    """申请退回 with a ground and the rule it rests on (text: basis)."""

    kind: ClassVar[str] = "return_requested"

    assignment: UUID
    ground: str
    suggested: str | None = None


class ReturnApproved(Event, kw_only=True):
    """同意退回: back to the dispatcher's desk."""

    kind: ClassVar[str] = "return_approved"

    assignment: UUID


class ReturnRefused(Event, kw_only=True):
    """不同意退回: the clock was never stopped. Text: reason. ``is_groundless`` makes it buck-passing."""

    kind: ClassVar[str] = "return_refused"

    assignment: UUID
    is_groundless: bool = False
    record: UUID | None = None


class Handled(Event, kw_only=True):
    """提交办结: the unit's claim. Texts: note (internal) and reply (public), two fields, never one."""

    kind: ClassVar[str] = "handled"

    assignment: UUID
    result: str
    is_substantiated: bool
    is_beyond_remit: bool = False
    has_contacted: bool
    is_solved: bool


class SentBack(Event, kw_only=True):
    """退回修改: the audit did not accept the result. Text: reason."""

    kind: ClassVar[str] = "sent_back"

    assignment: UUID


class Approved(Event, kw_only=True):
    """审核通过: the public reply goes to the requester, the return visit is due."""

    kind: ClassVar[str] = "approved"
    audience: ClassVar[str] = REQUESTER

    exempt: tuple[UUID, ...] = ()
    exempt_reason: str | None = None


class Visited(Event, kw_only=True):
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


class VisitMissed(Event, kw_only=True):
    """A try that reached nobody; the third ends in an exemption "unreachable"."""

    kind: ClassVar[str] = "visit_missed"
    audience: ClassVar[str] = REQUESTER

    visit: UUID
    request: UUID
    channel: str = "phone"
    outcome: str = "unreached"
    is_last: bool = False
    next_at: datetime | None = None


class Reworked(Event, kw_only=True):
    """重办: unsolved or dissatisfied; only the assignment at fault goes back. Text: reason."""

    kind: ClassVar[str] = "reworked"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    request: UUID
    profile: str


class Closed(Event, kw_only=True):
    """结案, by the centre's return visit or a recorded policy, never by acceptor or handler (rules.md 2)."""

    kind: ClassVar[str] = "closed"
    audience: ClassVar[str] = REQUESTER

    reason: str


class Rated(Event, kw_only=True):
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


class WordsAdded(Event, kw_only=True):
    """补充: the requester (or the agent for them) added words. Text: words."""

    kind: ClassVar[str] = "words_added"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    channel: str = "web"


class Urged(Event, kw_only=True):
    """催办 by the requester; a follow-up on an open case is a reminder on it, not a new case."""

    kind: ClassVar[str] = "urged"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    channel: str = "web"


class Reminded(Event, kw_only=True):
    """催办 by the centre. Text: words."""

    kind: ClassVar[str] = "reminded"

    unit: str


class Withdrawn(Event, kw_only=True):
    """撤单 by the requester before any unit has it. Text: words."""

    kind: ClassVar[str] = "withdrawn"
    audience: ClassVar[str] = REQUESTER

    request: UUID


class Promise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One clock as it was started."""

    clock: UUID
    stage: str
    profile: str
    due: datetime
    unit: str = ""
    is_provisional: bool = False


class Promised(Event, kw_only=True):
    """Clocks were started; each due date is evidence from that moment on."""

    kind: ClassVar[str] = "promised"
    audience: ClassVar[str] = REQUESTER

    promises: tuple[Promise, ...]


class Warned(Event, kw_only=True):
    """黄牌: a clock came near its due moment (rules.md 7)."""

    kind: ClassVar[str] = "warned"

    clock: UUID
    stage: str
    unit: str = ""
    assignment: UUID | None = None
    record: UUID | None = None
    points: int = 0


class Breached(Event, kw_only=True):
    """红牌: a clock passed its due moment."""

    kind: ClassVar[str] = "breached"

    clock: UUID
    stage: str
    due: datetime
    unit: str = ""
    assignment: UUID | None = None
    record: UUID | None = None
    points: int = 0


class Ordered(Event, kw_only=True):
    """督办单: numbered, with a due moment and the rule that called for it."""

    kind: ClassVar[str] = "ordered"

    order: UUID
    number: str
    unit: str
    rule: str
    assignment: UUID | None = None
    due: datetime


class OrderSigned(Event, kw_only=True):
    """The unit signed the supervision order off."""

    kind: ClassVar[str] = "order_signed"

    order: UUID
    number: str


class OrderAnswered(Event, kw_only=True):
    """The unit answered the supervision order. Text: reply."""

    kind: ClassVar[str] = "order_answered"

    order: UUID
    number: str


class Noticed(Event, kw_only=True):
    """曝光纠错: a notice drawn from this case was published."""

    kind: ClassVar[str] = "noticed"

    notice: UUID
    number: str


class Imported(Event, kw_only=True):
    """The rest of a legacy case: what the old system knew of its handling, with its own dates."""

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


class Erased(Event, kw_only=True):
    """Texts were erased under a rule; ``erased`` names them as (seq, field). The hashes stay (rules.md 5)."""

    kind: ClassVar[str] = "erased"

    rule: str
    erased: tuple[tuple[int, str], ...]
    requests: tuple[UUID, ...] = ()


KINDS: dict[str, type[Event]] = {one.kind: one for one in Event.__subclasses__()}


def encode(event: Event) -> dict[str, object]:
    """The event's fields as plain values, times in ISO 8601."""
    return msgspec.to_builtins(event)


def decode(kind: str, data: bytes | str) -> Event:
    """The event of ``kind`` from its canonical JSON. Raises KeyError for a kind unknown to this version."""
    return msgspec.json.decode(data, type=KINDS[kind], strict=False)
