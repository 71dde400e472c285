"""Events of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


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
