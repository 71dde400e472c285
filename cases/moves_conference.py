"""Moves of conferences and joint site visits."""

from __future__ import annotations

from cases.move import Move
from cases.states import WORKING

IN_CONFERENCE = frozenset({"in_conference"})

MOVES: dict[str, Move] = {
    "conference_called": Move(
        case_from=WORKING | {"accepted"}, case_to="in_conference", rules=("conference_cause", "lead_not_done")
    ),
    "conference_withdrawn": Move(case_from=IN_CONFERENCE, demands=("reason",)),
    "conference_decided": Move(case_from=IN_CONFERENCE, rules=("unit_on", "decision_said", "decision_units")),
}
