"""What happened to a promise after it began: pauses and extensions in order, and what is due in their light. Pure.

The working days that a pause swallows are added to the date that held until then, an extension is counted from it
(rules.md 6), so the order matters and is kept. A clock row carries its history as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from sla import targets
from sla.calendar import Calendar


class Pause(msgspec.Struct, frozen=True, tag="pause", omit_defaults=True):
    """A time in which the promise stood still; ``ends`` None while it does. ``cause``: needs_info, suspended."""

    begins: datetime
    ends: datetime | None = None
    cause: str = ""

    def swallows(self, close: datetime) -> bool:
        """Whether the close of a working day fell inside it (rules.md 6)."""
        return self.begins < close and (self.ends is None or close <= self.ends)


class Extension(msgspec.Struct, frozen=True, tag="extension", omit_defaults=True):
    """An approved extension: so much more, in ``unit``, from the date that held; ``by`` is who approved it."""

    amount: float
    unit: str
    by: str = ""
    at: datetime | None = None


Act = Pause | Extension
_acts = msgspec.json.Decoder(list[Act]).decode


def read(text: str) -> list[Act]:
    """The acts that a clock row keeps, in order."""
    return _acts(text)


def written(acts: Sequence[Act]) -> str:
    """The acts as a clock row keeps them."""
    return msgspec.json.encode(list(acts)).decode()


def added(acts: Sequence[Act], one: Extension) -> list[Act]:
    """The acts with an extension more. While the promise stands, the open pause stays the last of them."""
    found = list(acts)
    is_standing = bool(found) and isinstance(found[-1], Pause) and found[-1].ends is None
    found.insert(len(found) - is_standing, one)
    return found


def steps(
    calendar: Calendar, start: datetime, unit: str, amount: float, acts: Sequence[Act] = ()
) -> list[tuple[Act | None, datetime]]:
    """Each act with the date that held after it; the first, None, is the date as promised at ``start``."""
    due, _ = targets.ends(calendar, start, unit, amount)
    found: list[tuple[Act | None, datetime]] = [(None, due)]
    for act in acts:
        if isinstance(act, Extension):
            due, _ = targets.ends(calendar, due, act.unit, act.amount)
        elif act.ends is not None:
            due = targets.after_pause(calendar, due, unit, act.begins, act.ends)
        found.append((act, due))
    return found


def reckon(
    calendar: Calendar, start: datetime, unit: str, amount: float, acts: Sequence[Act] = ()
) -> tuple[datetime, bool]:
    """When a promise of ``amount`` from ``start`` is due in the light of its acts, and whether that is provisional.

    An open pause has added nothing yet. Units: wd, h, clock, as ``targets.Target``.
    """
    due, provisional = targets.ends(calendar, start, unit, amount)
    for act in acts:
        if isinstance(act, Extension):
            due, is_open = targets.ends(calendar, due, act.unit, act.amount)
            provisional = provisional or is_open
        elif act.ends is not None:
            due = targets.after_pause(calendar, due, unit, act.begins, act.ends)
    if unit != "clock":
        provisional = provisional or calendar.is_provisional(start, due)
    return due, provisional
