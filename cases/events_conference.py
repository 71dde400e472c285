"""Events of conferences (会商) and joint site visits: a disputed case called, withdrawn, decided."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class ConferenceCalled(Event, frozen=True, kw_only=True):
    """提请会商: who handles it is in dispute or unclear. ``cause`` is a key of ``states.CAUSES``. Text: reason."""

    kind: ClassVar[str] = "conference_called"

    cause: str


class ConferenceWithdrawn(Event, frozen=True, kw_only=True):
    """撤回会商: back to where it was, the clocks untouched. Text: reason."""

    kind: ClassVar[str] = "conference_withdrawn"


class ConferenceDecided(Event, frozen=True, kw_only=True):
    """会商决定: binding. ``keeps`` is the lead share that stays with its old clock; ``recalled`` are those that end.

    Without ``keeps`` a ``dispatched`` follows in the same transaction, then the co-handlers that are new.
    ``conference`` and ``item`` name the minutes, where there are any. Text: decision.
    """

    kind: ClassVar[str] = "conference_decided"

    unit: str
    co_units: tuple[str, ...] = ()
    keeps: UUID | None = None
    recalled: tuple[UUID, ...] = ()
    conference: UUID | None = None
    item: UUID | None = None
    wants_precedent: bool = False


class LeadDueMoved(Event, frozen=True, kw_only=True):
    """The lead's date went back because a co-handler that joined late ends later (000-12); the requester is told."""

    kind: ClassVar[str] = "lead_due_moved"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    clock: UUID
    was: datetime
    due: datetime
    because: str
