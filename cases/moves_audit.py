"""Moves of the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from cases.move import Move, of
from cases.states import CASE_STATES, OPEN, RATEABLE, WORKING

_ANY = frozenset(CASE_STATES)
_AFTER_DISPATCH = WORKING | {"in_conference", "callback"}
_SHARE = frozenset({"dispatched", "return_requested", "signed", "in_progress", "handled", "ended"})

MOVES: dict[str, Move] = {
    "audit_found": Move(case_from=_ANY, demands=("words",), rules=("finding_kind",)),
    "finding_lifted": Move(case_from=_ANY, demands=("reason",)),
    "rating_annulled": Move(case_from=_ANY, rules=("rating_stands",)),
    "rating_restored": Move(case_from=RATEABLE, rules=("rating_annulled", "not_rated_anew")),
    "withdrawal_wished": Move(
        case_from=_AFTER_DISPATCH, part="request", part_from=frozenset({"open", "awaiting_visit"}),
        rules=("wished_once",),
    ),
    "withdrawal_checked": Move(
        case_from=OPEN | {"closed"}, part="request", part_from=frozenset({"open", "awaiting_visit", "withdrawn"}),
        rules=("withdrawal_waits", "withdrawal_verdict", "checker_is_separate"),
    ),
    "withdrawal_struck": Move(
        case_from=_ANY, part="request", part_from=frozenset({"open", "awaiting_visit", "visited", "exempt"}),
        demands=("reason",), rules=("on_ledger", "checker_is_separate"),
    ),
    "claimed": of(
        "assignment", {"signed", "in_progress"}, None, case_from=WORKING | {"in_conference"},
        demands=("reason", "basis"), rules=("from_centre", "claim_known", "claims_once"),
    ),
    "claim_decided": of(
        "assignment", _SHARE, None, case_from=WORKING | {"callback", "closed"},
        demands=("reason",), rules=("claim_open", "claim_told", "claim_alone", "decider_is_separate"),
    ),
    "claim_reversed": of(
        "assignment", _SHARE, None, case_from=_ANY, demands=("reason",),
        rules=("claim_upheld", "another_decides", "decider_is_separate"),
    ),
}  # fmt: skip
