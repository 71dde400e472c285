"""Events of promises and of supervision: clocks, cards and orders."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from cases.event import REQUESTER, Event


class Reminded(Event, frozen=True, kw_only=True):
    """催办 by the centre. Text: words."""

    kind: ClassVar[str] = "reminded"

    unit: str


class Promise(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One clock as it was started."""

    clock: UUID
    stage: str
    profile: str
    due: datetime
    unit: str = ""
    is_provisional: bool = False
    request: UUID | None = None
    """Whose it is, where it is one requester's own."""
    version: int = 1
    """The version of the profile that gave it."""


class Promised(Event, frozen=True, kw_only=True):
    """Clocks were started; each due date is evidence from that moment on."""

    kind: ClassVar[str] = "promised"
    audience: ClassVar[str] = REQUESTER

    promises: tuple[Promise, ...]


class Warned(Event, frozen=True, kw_only=True):
    """黄牌: a clock came near its due moment (rules.md 7)."""

    kind: ClassVar[str] = "warned"

    clock: UUID
    stage: str
    unit: str = ""
    assignment: UUID | None = None
    record: UUID | None = None
    points: int = 0


class Breached(Event, frozen=True, kw_only=True):
    """红牌: a clock passed its due moment."""

    kind: ClassVar[str] = "breached"

    clock: UUID
    stage: str
    due: datetime
    unit: str = ""
    assignment: UUID | None = None
    record: UUID | None = None
    points: int = 0


class Ordered(Event, frozen=True, kw_only=True):
    """督办单: numbered, with a due moment and the rule that called for it; ``bodies`` supervise it jointly."""

    kind: ClassVar[str] = "ordered"

    order: UUID
    number: str
    unit: str
    rule: str
    assignment: UUID | None = None
    due: datetime
    bodies: tuple[str, ...] = ()


class OrderSigned(Event, frozen=True, kw_only=True):
    """The unit signed the supervision order off."""

    kind: ClassVar[str] = "order_signed"

    order: UUID
    number: str


class OrderAnswered(Event, frozen=True, kw_only=True):
    """The unit answered the supervision order. Text: reply."""

    kind: ClassVar[str] = "order_answered"

    order: UUID
    number: str
