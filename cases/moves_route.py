"""Moves of choosing where a case goes: weighing, a matter put right, an urgency set by a rule."""

from __future__ import annotations

from cases.move import Move
from cases.states import UNDISPATCHED, WORKING

MOVES: dict[str, Move] = {
    "weighed": Move(case_from=frozenset({"registered"})),
    "matter_corrected": Move(case_from=frozenset({"accepted", "in_conference"}) | WORKING, rules=("another_matter",)),
    "urgency_set": Move(case_from=UNDISPATCHED),
}
