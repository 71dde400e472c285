"""Events of a pause: one request for more information, suspension with a plan, resuming.

``unit`` is the lead that is told of it; empty while no unit has the case.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class InfoAsked(Event, frozen=True, kw_only=True):
    """补正, once a case: the requester is asked for all that is missing. Text: list, an item a line.

    ``assignment`` is the lead's share that asks, None before anybody has the case; ``until`` ends the waiting.
    """

    kind: ClassVar[str] = "info_asked"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    until: datetime
    assignment: UUID | None = None


class InfoEnded(Event, frozen=True, kw_only=True):
    """Nobody is waited for any more; ``how``: answered, lapsed, or dropped (whoever asked goes on without).

    Text: reason, of a drop.
    """

    kind: ClassVar[str] = "info_ended"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    how: str
    unit: str = ""


class InfoLapsed(Event, frozen=True, kw_only=True):
    """逾期未补充: before any unit had the case it ends with that; the requester may come again."""

    kind: ClassVar[str] = "info_lapsed"
    audience: ClassVar[str] = REQUESTER

    request: UUID


class SuspensionAsked(Event, frozen=True, kw_only=True):
    """申请挂账, or to prolong it once, by the lead. Texts: reason (the ground), plan."""

    kind: ClassVar[str] = "suspension_asked"

    assignment: UUID
    review: datetime


class SuspensionRefused(Event, frozen=True, kw_only=True):
    """不同意挂账. Text: reason."""

    kind: ClassVar[str] = "suspension_refused"

    assignment: UUID
    unit: str = ""


class Suspended(Event, frozen=True, kw_only=True):
    """挂账, approved by the city: the promises stand until ``review``. Text: reason.

    ``is_again``: it stood already and was prolonged.
    """

    kind: ClassVar[str] = "suspended"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    review: datetime
    unit: str = ""
    is_again: bool = False


class ReviewDue(Event, frozen=True, kw_only=True):
    """The review date has come; without a decision by ``until`` the promises go on."""

    kind: ClassVar[str] = "review_due"

    assignment: UUID
    until: datetime
    unit: str = ""


class Resumed(Event, frozen=True, kw_only=True):
    """恢复办理; ``how``: unit, centre, or review (nobody decided in time). Text: reason."""

    kind: ClassVar[str] = "resumed"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    how: str
    unit: str = ""
