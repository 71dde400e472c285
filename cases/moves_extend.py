"""Moves of an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from cases.move import Move, of
from cases.states import AT_UNIT, WORKING

_BUSY = frozenset({"dispatched", "signed", "in_progress"})
_AT_WORK = WORKING | {"in_conference"}
"""A conference stops no clock, so more time may be asked for meanwhile."""

MOVES: dict[str, Move] = {
    "extension_asked": of(
        "assignment", _BUSY, None, case_from=_AT_WORK, demands=("reason", "told"),
        rules=("from_centre", "no_extension_open"),
    ),
    "extension_granted": of(
        "assignment", AT_UNIT, None, case_from=_AT_WORK, demands=("told",), rules=("extension_open", "not_their_own"),
    ),
    "extension_refused": of(
        "assignment", AT_UNIT, None, case_from=_AT_WORK, demands=("reason",), rules=("extension_open", "not_their_own"),
    ),
    "extension_lapsed": of("assignment", AT_UNIT, None, case_from=_AT_WORK, rules=("extension_open",)),
    "law_applied": of(
        "assignment", AT_UNIT, None, case_from=_AT_WORK, demands=("citation", "reason"),
        rules=("is_lead", "not_critical", "not_their_own"),
    ),
    "admitted": of("assignment", {"signed", "in_progress"}, "in_progress", case_from=_AT_WORK, rules=("from_centre",)),
}  # fmt: skip
