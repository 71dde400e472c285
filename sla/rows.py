"""Clocks, alerts and supervision orders as rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

import cases.rows  # noqa: F401 - its tables come first in ORDER: ours point at them
from hotline.work import ORDER, Row

ORDER += ["clock", "supervision_order", "alert", "act_done"]


class ClockRow(Row, kw_only=True):
    """A running or stopped promise. ``outcome`` is met, late, or void when what it measured was taken away.

    ``history`` is the JSON of ``sla.history``: pauses and extensions in order; ``paused_at`` is set while it stands.
    ``chase_at`` is when a broken handling promise counts as long overdue (``sla.timed_ladder``).
    """

    table: ClassVar[str] = "clock"
    is_free: ClassVar[bool] = True

    id: UUID
    case_id: UUID
    subject: str
    subject_id: UUID
    unit: str
    stage: str
    profile: str
    measure: str
    amount: Decimal
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    is_provisional: bool
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    outcome: str | None = None
    paused_at: datetime | None = None
    paused_for: str | None = None
    history: str = "[]"
    is_owed: bool = False
    """It stopped with a warning or a breach due that the sweep had not done yet: that is still done."""
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    chase_at: datetime | None = None
    version: int = 1
    """The version of the profile that it was made with; a later one never moves it."""


class OrderRow(Row, kw_only=True):
    """A supervision order (督办单): numbered, signed off, answered, reviewed, ended.

    ``bodies`` supervise it jointly (联合督办). ``answered_at`` is None again once an answer was sent back.
    """

    table: ClassVar[str] = "supervision_order"

    id: UUID
    number: str
    case_id: UUID
    assignment_id: UUID
    unit: str
    rule: str
    issued_at: datetime
    issued_by: UUID
    due_at: datetime
    signed_at: datetime | None = None
    signed_by: UUID | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    reply: str | None = None
    bodies: tuple[str, ...] = ()
    joint_at: datetime | None = None
    words: str = ""
    reviewed_at: datetime | None = None
    reviewed_by: UUID | None = None
    review: str | None = None
    review_reason: str | None = None
    sent_back: int = 0
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    ended_for: str | None = None
    chase_at: datetime | None = None

    @property
    def state(self) -> str:
        """issued, signed, answered (waits for the review), or ended."""
        if self.ended_at is not None:
            return "ended"
        return "answered" if self.answered_at else "signed" if self.signed_at else "issued"


class AlertRow(Row, kw_only=True):
    """An overdue stage. Never deleted, only answered (seed 004-14). Unanswered it climbs at ``escalate_at``."""

    table: ClassVar[str] = "alert"

    id: UUID
    clock_id: UUID
    case_id: UUID
    unit: str
    stage: str
    at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    answer: str | None = None
    escalate_at: datetime | None = None
    escalated: int = 0


class DoneRow(Row, kw_only=True):
    """A timed act that was done, in the transaction that did it; a second one of the same cannot be written."""

    table: ClassVar[str] = "act_done"
    identity: ClassVar[tuple[str, ...]] = ("subject_id", "act", "due_at")
    is_final: ClassVar[bool] = True

    subject_id: UUID
    act: str
    due_at: datetime
    case_id: UUID | None
    done_at: datetime
