"""Moves of what is not routed plainly; ``cases/moves.py`` takes them in."""

from __future__ import annotations

from collections.abc import Mapping

from cases.move import Move, of
from cases.states import CASE_STATES, OPEN, WORKING

_ANY = frozenset(CASE_STATES)
_AT_WORK = WORKING | {"callback"}

MOVES: Mapping[str, Move] = {
    "about_named": Move(case_from=OPEN, rules=("about_known", "about_not_leading")),
    "summarised": Move(case_from=OPEN, demands=("summary",), rules=("summary_tells_nobody",)),
    "flagged": Move(case_from=_ANY - {"merged"}, rules=("risk_known",)),
    "risk_seen": Move(case_from=_ANY, rules=("risk_open", "risk_unseen")),
    "flag_cleared": Move(case_from=_ANY, demands=("reason",), rules=("risk_open",)),
    "police_told": Move(case_from=_ANY, rules=("emergency_number",)),
    "verified_facts": of(
        "assignment",
        {"signed", "in_progress"},
        "in_progress",
        demands=("finding",),
        rules=("finding_known", "verifies_first"),
    ),
    "escalated": Move(case_from=_AT_WORK, rules=("climbs",)),
    "instructed": Move(case_from=OPEN, demands=("instruction",), rules=("instruction_fits",)),
}
