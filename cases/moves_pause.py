"""Moves of a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from cases.move import Move, of
from cases.states import AT_UNIT, UNDISPATCHED, WORKING

_BUSY = frozenset({"signed", "in_progress"})
_STANDING = UNDISPATCHED | WORKING

MOVES: dict[str, Move] = {
    "info_asked": Move(
        case_from=WORKING | {"registered", "accepted"}, part="request", part_from=frozenset({"open"}),
        demands=("list",), rules=("info_once", "not_standing", "info_by", "info_openly", "info_reaches", "info_listed"),
    ),
    "info_ended": Move(case_from=_STANDING, rules=("info_awaited", "drop_reason")),
    "info_lapsed": Move(
        case_from=frozenset({"registered", "accepted"}), case_to="closed", rules=("info_awaited", "info_overdue")
    ),
    "suspension_asked": of(
        "assignment", _BUSY, None, demands=("reason", "plan"),
        rules=(
            "is_lead", "from_centre", "info_not_awaited", "not_critical", "suspension_not_asked", "suspension_limit",
            "review_ahead",
        ),
    ),
    "suspension_refused": of(
        "assignment", AT_UNIT, None, case_from=_STANDING, demands=("reason",),
        rules=("suspension_asked", "city_decides"),
    ),
    "suspended": of(
        "assignment", _BUSY, None, demands=("reason",),
        rules=("suspension_asked", "city_decides", "info_not_awaited", "suspension_limit", "review_ahead"),
    ),
    "review_due": Move(case_from=_STANDING, rules=("stands_suspended",)),
    "resumed": Move(case_from=_STANDING, demands=("reason",), rules=("stands_suspended",)),
}
"""A pause is no state: it lies over the case, and ends with the share it was for (``cases/pauses.py``)."""
