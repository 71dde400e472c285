"""Events of dispatching and of a unit's share: from the desk to the unit's claim."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class Dispatched(Event, frozen=True, kw_only=True):
    """派单 to a lead unit; ``basis`` says by what: catalogue, person, rule, conference.

    ``replaces`` is the share that the unit had as a co-handler: it ends, for a unit works on one share of a case.
    """

    kind: ClassVar[str] = "dispatched"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    unit: str
    basis: str
    profile: str
    is_binding: bool = False
    replaces: UUID | None = None


class CoHandlerAdded(Event, frozen=True, kw_only=True):
    """加派: another unit works beside the lead, with its own deadlines."""

    kind: ClassVar[str] = "co_handler_added"

    assignment: UUID
    unit: str
    profile: str
    basis: str = "person"
    is_binding: bool = False


class RoutingMissed(Event, frozen=True, kw_only=True):
    """No unit could be chosen; the case is on the dispatcher's desk. ``reason`` is a code."""

    kind: ClassVar[str] = "routing_missed"

    reason: str


class Recalled(Event, frozen=True, kw_only=True):
    """改派: the centre took the case back from a unit. Text: reason."""

    kind: ClassVar[str] = "recalled"

    assignment: UUID


class Signed(Event, frozen=True, kw_only=True):
    """签收: the unit acknowledged."""

    kind: ClassVar[str] = "signed"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID


class Contacted(Event, frozen=True, kw_only=True):
    """首次联系: the unit spoke with the requester, through the hotline where the requester is shielded."""

    kind: ClassVar[str] = "contacted"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    way: str


class ReturnRequested(Event, frozen=True, kw_only=True):
    """申请退回 with a ground and the rule it rests on (text: basis)."""

    kind: ClassVar[str] = "return_requested"

    assignment: UUID
    ground: str
    suggested: str | None = None


class ReturnApproved(Event, frozen=True, kw_only=True):
    """同意退回: back to the dispatcher's desk."""

    kind: ClassVar[str] = "return_approved"

    assignment: UUID


class ReturnRefused(Event, frozen=True, kw_only=True):
    """不同意退回: the clock was never stopped. Text: reason. ``is_groundless`` makes it buck-passing."""

    kind: ClassVar[str] = "return_refused"

    assignment: UUID
    is_groundless: bool = False
    record: UUID | None = None


class Handled(Event, frozen=True, kw_only=True):
    """提交办结: the unit's claim. Texts: note (internal) and reply (public), two fields, never one."""

    kind: ClassVar[str] = "handled"

    assignment: UUID
    result: str
    is_substantiated: bool
    is_beyond_remit: bool = False
    has_contacted: bool
    is_solved: bool


class SentBack(Event, frozen=True, kw_only=True):
    """退回修改: the audit did not accept the result. Text: reason."""

    kind: ClassVar[str] = "sent_back"

    assignment: UUID
