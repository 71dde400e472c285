"""Events of reminders that the sweep gives by itself, outside the ladder (rules.md 7)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import Event

QUIET = ("due_soon", "overdue_told")
"""Kinds that change nothing on the case: whoever is filling in a form need not look again."""


class DueSoon(Event, frozen=True, kw_only=True):
    """到期提醒: a promise comes near its due moment, and whoever keeps it is told."""

    kind: ClassVar[str] = "due_soon"

    clock: UUID
    stage: str
    due: datetime
    unit: str = ""


class OverdueTold(Event, frozen=True, kw_only=True):
    """书面催办: the working day after a promise was broken, told in writing with a copy to the deputy in charge."""

    kind: ClassVar[str] = "overdue_told"

    clock: UUID
    stage: str
    due: datetime
    unit: str = ""
