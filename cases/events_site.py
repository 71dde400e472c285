"""Events of a joint site visit (002-16): one slot, planned by the lead, moved, answered, held or cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class SiteVisitPlanned(Event, frozen=True, kw_only=True):
    """约定上门: ``units`` are those asked to come, ``unit`` the lead. Texts: spot, reason (what is to be seen)."""

    kind: ClassVar[str] = "site_visit_planned"
    audience: ClassVar[str] = REQUESTER

    slot: UUID
    unit: str
    starts: datetime
    ends: datetime
    units: tuple[str, ...]
    tells: bool = False


class SiteVisitMoved(Event, frozen=True, kw_only=True):
    """改期: whoever had said yes is asked again. Texts: spot where it changed, reason."""

    kind: ClassVar[str] = "site_visit_moved"
    audience: ClassVar[str] = REQUESTER

    slot: UUID
    starts: datetime
    ends: datetime
    units: tuple[str, ...]
    tells: bool = False


class SiteVisitAnswered(Event, frozen=True, kw_only=True):
    """A unit says whether it comes. Text: reason."""

    kind: ClassVar[str] = "site_visit_answered"

    slot: UUID
    unit: str
    comes: bool


class SiteVisitHeld(Event, frozen=True, kw_only=True):
    """上门办理: who was there. Text: outcome. Photographs are attachments of the slot."""

    kind: ClassVar[str] = "site_visit_held"

    slot: UUID
    attended: tuple[str, ...]
    photos: int = 0


class SiteVisitCancelled(Event, frozen=True, kw_only=True):
    """取消上门. Text: reason."""

    kind: ClassVar[str] = "site_visit_cancelled"
    audience: ClassVar[str] = REQUESTER

    slot: UUID
    starts: datetime
    tells: bool = False
