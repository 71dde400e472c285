"""Events of merging, unmerging and splitting. Each names a place in the other case's chain, with its hash."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from cases.event import REQUESTER, Event


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's share that a merge ended, and the state it stood in: an unmerge puts it back."""

    assignment: UUID
    state: str


class Marks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a case takes over from those that it holds: the highest urgency, and what protects a person."""

    urgency: str = "normal"
    is_vulnerable: bool = False
    is_minor: bool = False
    is_investigation: bool = False


class Merged(Event, frozen=True, kw_only=True):
    """并单, on the case that goes: its requests move to ``into``, its units' shares end. Text: reason.

    ``seq`` and ``hash`` (hex) are the head of the other's chain; ``state`` is the case's own before it.
    """

    kind: ClassVar[str] = "merged"
    audience: ClassVar[str] = REQUESTER

    into: UUID
    seq: int
    hash: str
    requests: tuple[UUID, ...]
    state: str
    ended: tuple[Ended, ...] = ()


class Joined(Event, frozen=True, kw_only=True):
    """并单, on the case that stays: the requests of ``child`` are its own. Text: reason.

    ``seq`` and ``hash`` are the child's ``merged``; ``before`` and ``marks`` are this case's own marks around it.
    """

    kind: ClassVar[str] = "joined"

    child: UUID
    number: str
    seq: int
    hash: str
    requests: tuple[UUID, ...]
    marks: Marks
    before: Marks
    urges: int = 0


class Parted(Event, frozen=True, kw_only=True):
    """拆回, on the case that stays: the requests of ``child`` leave it again. Text: reason."""

    kind: ClassVar[str] = "parted"

    child: UUID
    number: str
    seq: int
    hash: str
    requests: tuple[UUID, ...]
    marks: Marks
    urges: int = 0


class Unmerged(Event, frozen=True, kw_only=True):
    """拆回, on the case that comes back as it stood: its state, its shares, its requests. Text: reason.

    ``seq`` and ``hash`` are the ``parted`` of the case that held it.
    """

    kind: ClassVar[str] = "unmerged"
    audience: ClassVar[str] = REQUESTER

    parent: UUID
    seq: int
    hash: str
    requests: tuple[UUID, ...]
    state: str
    revived: tuple[Ended, ...] = ()


class SplitOff(Event, frozen=True, kw_only=True):
    """拆单, on the case that was about two things: the second is ``case`` now. Text: reason."""

    kind: ClassVar[str] = "split_off"
    audience: ClassVar[str] = REQUESTER

    case: UUID
    number: str
    request: UUID


class SplitFrom(Event, frozen=True, kw_only=True):
    """拆单, on the new case: which one it was cut from, and that one's ``split_off``. Text: reason."""

    kind: ClassVar[str] = "split_from"
    audience: ClassVar[str] = REQUESTER

    case: UUID
    number: str
    seq: int
    hash: str
    request: UUID
