"""Moves of official responses to hot issues."""

from __future__ import annotations

from cases.move import Move
from cases.states import CASE_STATES

MOVES: dict[str, Move] = {
    "responded": Move(
        case_from=frozenset(CASE_STATES) - {"merged"},
        part="request",
        part_from=frozenset({"open", "awaiting_visit", "visited", "exempt"}),
        rules=("answer_in_the_open",),
    ),
}
"""A requester is answered where their request stands, in whatever state; a merged case holds none."""
