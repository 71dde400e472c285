"""Events of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec

from cases.event import CENTRE, REQUESTER, Event


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """What a sampling policy drew for one request; anybody can draw it again (``cases.visit_policy.drawn``).

    ``share`` is the percentage that ``ground`` is visited with, ``value`` a number from 0 to 9999: it is drawn when
    ``value`` is below a hundred times ``share``.
    """

    request: UUID
    share: int
    value: int
    ground: str

    @property
    def is_drawn(self) -> bool:
        """Whether it is visited."""
        return self.value < self.share * 100


class VisitWished(Event, frozen=True, kw_only=True):
    """The requester asked to be called in a part of the day; "" for any."""

    kind: ClassVar[str] = "visit_wished"
    audience: ClassVar[str] = REQUESTER

    request: UUID
    part: str
    channel: str = "phone"


class VisitAnswered(Event, frozen=True, kw_only=True):
    """Nobody was reached, and then they answered the message that asked. Text: words."""

    kind: ClassVar[str] = "visit_answered"
    audience: ClassVar[str] = REQUESTER

    visit: UUID
    request: UUID
    channel: str
    grade: str
    raw_grade: str = ""
    scale: str = "four"


class CauseSet(Event, frozen=True, kw_only=True):
    """Why somebody is dissatisfied: the unit's own doing, or nothing that it could change. Text: reason."""

    kind: ClassVar[str] = "cause_set"

    request: UUID
    cause: str
    was: str | None = None


class RatingFollowed(Event, frozen=True, kw_only=True):
    """A rating "dissatisfied" of a closed case was looked into. Texts: said (the requester's words), answer.

    ``outcome``: unreached, proposed (to reopen), answered.
    """

    kind: ClassVar[str] = "rating_followed"
    audience: ClassVar[str] = CENTRE

    request: UUID
    rectification: UUID
    outcome: str
    cause: str | None = None


class Reopened(Event, frozen=True, kw_only=True):
    """重启: a closed case goes back to the unit at fault, with a new clock and a count. Text: reason.

    ``cause`` says what showed that the closing was wrong (``cases.states_visit.REOPEN_CAUSES``).
    """

    kind: ClassVar[str] = "reopened"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    request: UUID
    profile: str
    cause: str
