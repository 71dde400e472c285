"""Timed acts on pauses: the review of a suspended case, a question that was never answered."""

from __future__ import annotations

from sla.timed import Timed

TIMED: tuple[Timed, ...] = ()
