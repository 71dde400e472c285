"""Events of what is not routed plainly: who is complained about, risk, verifying first, enterprise levels."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import CENTRE, Event


class AboutNamed(Event, frozen=True, kw_only=True):
    """The body complained about, written down by the centre. Text: about_person (sealed)."""

    kind: ClassVar[str] = "about_named"
    audience: ClassVar[str] = CENTRE

    request: UUID
    unit: str


class Summarised(Event, frozen=True, kw_only=True):
    """转述: what units read that may not read the words. Text: summary."""

    kind: ClassVar[str] = "summarised"


class Flagged(Event, frozen=True, kw_only=True):
    """敏感: risk words were said, or somebody sees a risk. Texts: risk (the words found), reason."""

    kind: ClassVar[str] = "flagged"
    audience: ClassVar[str] = CENTRE

    kinds: tuple[str, ...]
    source: str = "words"
    request: UUID | None = None


class RiskSeen(Event, frozen=True, kw_only=True):
    """A supervisor has looked at the risk; the flag stays. Text: reason (what is being done)."""

    kind: ClassVar[str] = "risk_seen"
    audience: ClassVar[str] = CENTRE


class FlagCleared(Event, frozen=True, kw_only=True):
    """解除敏感 by a supervisor. Text: reason."""

    kind: ClassVar[str] = "flag_cleared"
    audience: ClassVar[str] = CENTRE


class PoliceTold(Event, frozen=True, kw_only=True):
    """通报 110 and the like: told beside the handling, the case goes on. Text: reason."""

    kind: ClassVar[str] = "police_told"
    audience: ClassVar[str] = CENTRE

    number: str
    reference: str | None = None


class VerifiedFacts(Event, frozen=True, kw_only=True):
    """核实: whether what is said of a government service is so, before it is handled. Text: finding."""

    kind: ClassVar[str] = "verified_facts"

    assignment: UUID
    finding: str


class Escalated(Event, frozen=True, kw_only=True):
    """提级: an enterprise's request is coordinated at this level now. Texts: leader (name, title), reason.

    ``leader`` is the entry in the list of leaders, ``person`` whoever signs in as that leader.
    """

    kind: ClassVar[str] = "escalated"

    level: str
    unit: str
    cause: str
    leader: UUID | None = None
    person: UUID | None = None


class Instructed(Event, frozen=True, kw_only=True):
    """批示、交办: a leader wrote what is to be done. Texts: instruction, leader (where another wrote it down).

    ``level`` is that of an enterprise's request, "" for any other. ``unit`` owes a written report by ``due``.
    """

    kind: ClassVar[str] = "instructed"

    level: str = ""
    instruction: UUID | None = None
    unit: str = ""
    due: datetime | None = None
