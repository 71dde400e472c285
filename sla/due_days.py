"""Where a number of working days ends, with the days that it counted and skipped. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from hotline.errors import Say

if TYPE_CHECKING:
    from sla.calendar import Calendar


class SpecialDay(Protocol):
    """What the calendar reads of a day that differs from Monday to Friday."""

    @property
    def is_working(self) -> bool:
        """A make-up day, else a rest day."""

    @property
    def name(self) -> Say:
        """The holiday's name."""


class Due:
    """Where a number of working days ends. ``counted`` and ``skipped`` are worked out only when asked for."""

    __slots__ = ("_calendar", "_ordinals", "at", "provisional")

    def __init__(self, calendar: Calendar, at: datetime, ordinals: tuple[int, int], *, provisional: bool) -> None:
        self._calendar = calendar
        self._ordinals = ordinals
        self.at = at
        self.provisional = provisional

    @property
    def counted(self) -> tuple[date, ...]:
        """The working days after the start, the last one included."""
        start, end = self._ordinals
        days = (date.fromordinal(n) for n in range(start + 1, end + 1))
        return tuple(day for day in days if self._calendar.is_working(day))

    @property
    def skipped(self) -> tuple[tuple[date, Say], ...]:
        """The rest days in between, each with its name."""
        start, end = self._ordinals
        days = (date.fromordinal(n) for n in range(start + 1, end + 1))
        return tuple((day, self._calendar.name(day)) for day in days if not self._calendar.is_working(day))
