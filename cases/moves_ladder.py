"""Moves of the ladder's answered acts: cards by hand, orders to their end, papers, instructions' reports."""

from __future__ import annotations

from cases.move import Move
from cases.states import CASE_STATES, OPEN

_ANY = frozenset(CASE_STATES)

MOVES: dict[str, Move] = {
    "carded": Move(case_from=OPEN, demands=("reason",), rules=("step_in_order",)),
    "card_cancelled": Move(case_from=_ANY, demands=("reason",), rules=("card_stands", "not_own_house")),
    "order_reviewed": Move(case_from=_ANY, demands=("reason",), rules=("not_own_house",)),
    "order_ended": Move(case_from=_ANY, rules=("not_own_house",)),
    "order_joined": Move(case_from=_ANY, demands=("reason",)),
    "alert_escalated": Move(case_from=_ANY),
    "measured": Move(case_from=_ANY, rules=("step_in_order",)),
    "measure_stepped": Move(case_from=_ANY),
    "instruction_reported": Move(case_from=_ANY, demands=("report",)),
}
