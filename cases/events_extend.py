"""Events of an extension asked for, approved or refused; a longer promise that a statute gives.

``unit`` is whose promise it is: its people are told.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cases.event import REQUESTER, Event


class ExtensionAsked(Event, frozen=True, kw_only=True):
    """申请延期, before the promise ends. ``amount`` of ``measure`` from ``was``; or ``law``: the statute's own limit.

    ``by`` is who decides: centre, city or statute. Texts: reason, told (what the requester is to read).
    """

    kind: ClassVar[str] = "extension_asked"

    assignment: UUID
    clock: UUID
    was: datetime
    wanted: datetime
    amount: float = 0
    measure: str = "wd"
    by: str = "centre"
    law: str | None = None
    proofs: int = 0


class ExtensionGranted(Event, frozen=True, kw_only=True):
    """同意延期: from the old due date. Text: told."""

    kind: ClassVar[str] = "extension_granted"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    clock: UUID
    amount: float
    measure: str
    was: datetime
    due: datetime
    law: str | None = None
    is_lead: bool = True
    unit: str = ""


class ExtensionRefused(Event, frozen=True, kw_only=True):
    """不同意延期: the clock was never stopped. Text: reason."""

    kind: ClassVar[str] = "extension_refused"

    assignment: UUID
    unit: str = ""


class ExtensionLapsed(Event, frozen=True, kw_only=True):
    """The promise ended before anybody decided: the ask is over, the red act stands."""

    kind: ClassVar[str] = "extension_lapsed"

    assignment: UUID
    unit: str = ""


class LawApplied(Event, frozen=True, kw_only=True):
    """适用法定期限: a statute gives a longer limit than the matter, and is cited. Texts: citation, reason."""

    kind: ClassVar[str] = "law_applied"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
    clock: UUID
    law: str
    profile: str
    was: datetime
    due: datetime
    unit: str = ""


class Admitted(Event, frozen=True, kw_only=True):
    """决定受理: the unit takes a mediation up; the clock to decide it stops."""

    kind: ClassVar[str] = "admitted"
    audience: ClassVar[str] = REQUESTER

    assignment: UUID
