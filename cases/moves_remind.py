"""Moves of the reminders that the sweep gives by itself: in any state, changing none."""

from __future__ import annotations

from cases.move import Move
from cases.states import CASE_STATES

MOVES: dict[str, Move] = {
    "due_soon": Move(case_from=frozenset(CASE_STATES)),
    "overdue_told": Move(case_from=frozenset(CASE_STATES)),
}
