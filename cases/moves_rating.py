"""Moves of appeals of ratings and what they come to."""

from __future__ import annotations

from cases.move import Move
from cases.states import RATEABLE

MOVES: dict[str, Move] = {
    "rating_appealed": Move(
        case_from=RATEABLE, demands=("reason", "basis"),
        rules=("rating_stands", "appeal_ground", "appeals_own", "appeals_bad", "appeals_once"),
    ),
    "rating_appeal_decided": Move(
        case_from=RATEABLE, demands=("reason",), rules=("rating_stands", "appeal_open", "appeal_separate"),
    ),
}  # fmt: skip
