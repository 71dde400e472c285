"""Moves of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {
    "reopened": Move(
        case_from=frozenset({"closed"}),
        case_to="rework",
        part="assignment",
        part_from=frozenset({"ended"}),
        part_to="in_progress",
        demands=("reason",),
        rules=("reopen_cause", "ended_by_closing", "reopener_may"),
    ),
}
