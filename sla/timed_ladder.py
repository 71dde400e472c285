"""The ladder's timed acts beside warnings and breaches: orders unanswered, undertakings due, long overdue cases."""

from __future__ import annotations

from sla.timed import Timed

TIMED: tuple[Timed, ...] = ()
