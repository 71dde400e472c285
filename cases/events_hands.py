"""Events of a unit's own answers: objection, handing down, reporting up, the head's approval."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import Event


class Objected(Event, frozen=True, kw_only=True):
    """异议 after a refused return or after its time is over. Texts: reason, basis. The clock runs on."""

    kind: ClassVar[str] = "objected"

    assignment: UUID


class ObjectionDecided(Event, frozen=True, kw_only=True):
    """The centre's word on an objection. ``way`` when upheld: conference or redispatch. Text: reason."""

    kind: ClassVar[str] = "objection_decided"

    assignment: UUID
    is_upheld: bool
    way: str = ""


class CoHandlerAsked(Event, frozen=True, kw_only=True):
    """The lead asks the centre to add or to release a co-handler. ``ask``: add or release. Text: reason."""

    kind: ClassVar[str] = "co_handler_asked"

    assignment: UUID
    ask: str
    unit: str


class CoAskRefused(Event, frozen=True, kw_only=True):
    """The centre leaves the co-handlers as they are. Text: reason."""

    kind: ClassVar[str] = "co_ask_refused"

    assignment: UUID


class CoHandlerReleased(Event, frozen=True, kw_only=True):
    """退出协办: the co-handler is no longer on the case; its clocks are void. Text: reason."""

    kind: ClassVar[str] = "co_handler_released"

    assignment: UUID


class HandedDown(Event, frozen=True, kw_only=True):
    """下派: a unit gives its share to one directly below it and stays responsible. Text: reason.

    ``assignment`` is the share above, ``child`` the one made; ``due`` lies inside the promise above.
    """

    kind: ClassVar[str] = "handed_down"

    assignment: UUID
    child: UUID
    unit: str
    profile: str
    due: datetime


class ReportedUp(Event, frozen=True, kw_only=True):
    """上报: the lower unit's result, to the unit above it. Texts: note (internal) and reply (proposed)."""

    kind: ClassVar[str] = "reported_up"

    assignment: UUID
    result: str
    is_substantiated: bool
    is_beyond_remit: bool = False
    has_contacted: bool
    is_solved: bool


class SentDown(Event, frozen=True, kw_only=True):
    """退回下级: the unit above does not accept the report; the date stays. Text: reason."""

    kind: ClassVar[str] = "sent_down"

    assignment: UUID


class TakenBack(Event, frozen=True, kw_only=True):
    """收回下派: the unit above does it itself. Text: reason."""

    kind: ClassVar[str] = "taken_back"

    assignment: UUID


class HandedBack(Event, frozen=True, kw_only=True):
    """退回上级: the lower unit cannot do it. Text: reason."""

    kind: ClassVar[str] = "handed_back"

    assignment: UUID


class HeadAsked(Event, frozen=True, kw_only=True):
    """报请批准: the handler's result waits for the unit's head. Texts: note, reply, reason, as of ``handled``."""

    kind: ClassVar[str] = "head_asked"

    assignment: UUID
    result: str
    is_substantiated: bool
    is_beyond_remit: bool = False
    has_contacted: bool
    is_solved: bool


class HeadApproved(Event, frozen=True, kw_only=True):
    """批准: the head lets the result of line ``asked`` leave; it follows as ``handled`` or ``reported_up``."""

    kind: ClassVar[str] = "head_approved"

    assignment: UUID
    asked: int


class HeadRefused(Event, frozen=True, kw_only=True):
    """退回修改 by the head. Text: reason."""

    kind: ClassVar[str] = "head_refused"

    assignment: UUID
