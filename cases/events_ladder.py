"""Events of the ladder's answered acts: cards by hand, orders to their end, papers about a unit, instructions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import CENTRE, Event


class Carded(Event, frozen=True, kw_only=True):
    """黄牌, 红牌 given by hand. ``rule`` is the code of the ladder's rule. Text: reason."""

    kind: ClassVar[str] = "carded"

    level: int
    unit: str
    assignment: UUID
    record: UUID
    points: int
    rule: str


class CardCancelled(Event, frozen=True, kw_only=True):
    """取消: the card stands no more; its points are given back by the record ``back``. Text: reason."""

    kind: ClassVar[str] = "card_cancelled"

    level: int
    unit: str
    assignment: UUID
    record: UUID
    back: UUID
    points: int


class OrderReviewed(Event, frozen=True, kw_only=True):
    """审核回复 by the office: accepted ends the order, sent_back gives a new due moment. Text: reason."""

    kind: ClassVar[str] = "order_reviewed"

    order: UUID
    number: str
    unit: str
    assignment: UUID
    outcome: str
    due: datetime | None = None


class OrderEnded(Event, frozen=True, kw_only=True):
    """The order ended without a review. ``cause``: withdrawn, case_closed. Text: reason."""

    kind: ClassVar[str] = "order_ended"

    order: UUID
    number: str
    assignment: UUID
    cause: str


class OrderJoined(Event, frozen=True, kw_only=True):
    """联合督办: other bodies supervise the order with the office. ``rule`` is the ladder's. Text: reason."""

    kind: ClassVar[str] = "order_joined"

    order: UUID
    number: str
    unit: str
    bodies: tuple[str, ...]
    rule: str


class AlertEscalated(Event, frozen=True, kw_only=True):
    """An alert that nobody answered goes to the next above. ``to``: deputy, head, office."""

    kind: ClassVar[str] = "alert_escalated"

    alert: UUID
    unit: str
    stage: str
    to: str


class Measured(Event, frozen=True, kw_only=True):
    """通报, 约谈, 问责 took effect over this case. ``level`` 0 stands outside the order of the ladder.

    Who it is about when it is personal stands sealed on the paper, never here.
    """

    kind: ClassVar[str] = "measured"

    paper: UUID
    number: str
    measure: str
    level: int
    unit: str
    assignment: UUID | None = None
    rule: str


class MeasureStepped(Event, frozen=True, kw_only=True):
    """A further step of such a paper: drafted, held, reported, done, overdue, handed over, dropped."""

    kind: ClassVar[str] = "measure_stepped"
    audience: ClassVar[str] = CENTRE

    paper: UUID
    number: str
    measure: str
    step: str
    unit: str = ""


class InstructionReported(Event, frozen=True, kw_only=True):
    """The written report back to a leader's instruction. Text: report."""

    kind: ClassVar[str] = "instruction_reported"

    instruction: UUID
