"""Moves of a unit's own answers: objection, handing down, reporting up, the head's approval."""

from __future__ import annotations

from cases.move import Move, of
from cases.states import AT_UNIT, WORKING

_BUSY = frozenset({"dispatched", "signed", "in_progress"})
_WORKING = frozenset({"signed", "in_progress"})
AT_WORK = WORKING | {"in_conference"}
"""A conference about the lead stops nobody below it."""

MOVES: dict[str, Move] = {
    "objected": of("assignment", _BUSY, None, demands=("reason", "basis"), rules=("from_centre", "objects_once")),
    "objection_decided": of("assignment", AT_UNIT, None, demands=("reason",), rules=("objection_open",)),
    "co_handler_asked": of("assignment", _WORKING, None, demands=("reason",), rules=("is_lead", "co_ask")),
    "co_ask_refused": of("assignment", AT_UNIT, None, demands=("reason",), rules=("co_ask_open",)),
    "co_handler_released": of("assignment", AT_UNIT, "recalled", demands=("reason",), rules=("is_co",)),
    "handed_down": of(
        "assignment", _BUSY, None, demands=("reason",),
        rules=(
            "head_hands_down", "unit_on", "one_below", "unit_not_on_case", "no_self_handling", "summary_for_blind",
        ),
    ),
    "reported_up": of(
        "assignment", _WORKING, "handled", case_from=AT_WORK, demands=("note", "reply"),
        rules=("is_below", "result_of_kind", "shares_below_done", "head_approves"),
    ),
    "sent_down": of(
        "assignment", {"handled"}, "in_progress", case_from=AT_WORK, demands=("reason",),
        rules=("is_below", "above_open"),
    ),
    "taken_back": of("assignment", AT_UNIT, "recalled", case_from=AT_WORK, demands=("reason",), rules=("is_below",)),
    "handed_back": of(
        "assignment", _BUSY, "recalled", case_from=AT_WORK, demands=("reason",),
        rules=("is_below", "nothing_below", "hands_back_twice"),
    ),
    "head_asked": of(
        "assignment", _WORKING, "in_progress", case_from=AT_WORK, demands=("note", "reply"),
        rules=("result_of_kind", "verified_first", "shares_below_done", "co_handlers_done", "head_not_asked"),
    ),
    "head_approved": of("assignment", {"in_progress"}, None, case_from=AT_WORK, rules=("head_is_asked", "is_head")),
    "head_refused": of(
        "assignment", {"in_progress"}, None, case_from=AT_WORK, demands=("reason",), rules=("head_is_asked", "is_head")
    ),
}  # fmt: skip
