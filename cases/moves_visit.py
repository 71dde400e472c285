"""Moves of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from cases.move import Move
from cases.states import OPEN, RATEABLE

_CALLBACK = frozenset({"callback"})

MOVES: dict[str, Move] = {
    "visit_wished": Move(
        case_from=OPEN, part="request", part_from=frozenset({"open", "awaiting_visit"}), rules=("known_part",)
    ),
    "visit_answered": Move(
        case_from=_CALLBACK,
        part="request",
        part_from=frozenset({"exempt"}),
        part_to="visited",
        rules=("known_grade", "asked_by_message"),
    ),
    "cause_set": Move(
        case_from=_CALLBACK,
        part="request",
        part_from=frozenset({"visited"}),
        demands=("reason",),
        rules=("known_cause", "visitor_is_separate", "cause_overruled_above"),
    ),
    "rating_followed": Move(case_from=RATEABLE, rules=("follower_is_separate", "followed_whole")),
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
