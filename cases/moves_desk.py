"""Moves of what an agent corrects in a case."""

from __future__ import annotations

from cases.move import Move
from cases.states import OPEN

MOVES: dict[str, Move] = {"corrected": Move(case_from=OPEN, rules=("correction_allowed", "correction_fits"))}
