"""Moves of conferences and joint site visits."""

from __future__ import annotations

from cases.move import Move
from cases.states import OPEN, WORKING

IN_CONFERENCE = frozenset({"in_conference"})

MOVES: dict[str, Move] = {
    "conference_called": Move(
        case_from=WORKING | {"accepted"}, case_to="in_conference", rules=("conference_cause", "lead_not_done")
    ),
    "conference_withdrawn": Move(case_from=IN_CONFERENCE, demands=("reason",)),
    "site_visit_planned": Move(
        case_from=WORKING, demands=("spot",), rules=("one_slot", "slot_times", "slot_units")
    ),
    "site_visit_moved": Move(
        case_from=WORKING, demands=("spot", "reason"), rules=("slot_open", "slot_times", "slot_units")
    ),
    "site_visit_answered": Move(case_from=OPEN, rules=("slot_open", "slot_asked")),
    "site_visit_held": Move(case_from=OPEN, demands=("outcome",), rules=("slot_open", "slot_begun", "slot_attended")),
    "site_visit_cancelled": Move(case_from=OPEN, demands=("reason",), rules=("slot_open",)),
    "lead_due_moved": Move(case_from=WORKING),
    "conference_decided": Move(case_from=IN_CONFERENCE, rules=("unit_on", "decision_said", "decision_units")),
}
