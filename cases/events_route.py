"""Events of choosing where a case goes: what the classifier thought, a matter put right, an urgency set by a rule."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from cases.event import Event


class Guessed(msgspec.Struct, frozen=True):
    """One matter that the classifier named, and how probable it called it, in whole percent."""

    matter: str
    percent: int


class Weighed(Event, frozen=True, kw_only=True):
    """The classifier was asked about an online case. ``reason`` "": the system accepts it; else why a person does."""

    kind: ClassVar[str] = "weighed"

    model: str
    guesses: tuple[Guessed, ...] = ()
    reason: str = ""


class MatterCorrected(Event, frozen=True, kw_only=True):
    """A wrong matter was put right; ``by`` says where: desk, page, conference. The classifier learns from ``new``."""

    kind: ClassVar[str] = "matter_corrected"

    old: str | None
    new: str
    by: str = "desk"


class UrgencySet(Event, frozen=True, kw_only=True):
    """A rule graded the case's urgency before it was dispatched; ``by`` names it (rule:3)."""

    kind: ClassVar[str] = "urgency_set"

    old: str
    new: str
    by: str
