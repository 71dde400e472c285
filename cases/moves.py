"""The moves between states and what each demands: data; docs/architecture.md shows them as the life cycle."""

from __future__ import annotations

from collections.abc import Mapping

from cases import (
    moves_audit,
    moves_care,
    moves_conference,
    moves_desk,
    moves_extend,
    moves_hands,
    moves_knowledge,
    moves_ladder,
    moves_merge,
    moves_notice,
    moves_outage,
    moves_pause,
    moves_rating,
    moves_remind,
    moves_route,
    moves_theme,
    moves_visit,
)
from cases.move import Move, of
from cases.states import AT_UNIT, CASE_STATES, ENDED, OPEN, RATEABLE, UNDISPATCHED, WORKING

_ANY = frozenset(CASE_STATES)
_AT_WORK = WORKING | {"in_conference"}
"""A conference stops no clock, so it stops no work either."""

MOVES: Mapping[str, Move] = {
    "registered": Move(case_from=frozenset(), case_to="registered", demands=("words",)),
    "imported": Move(case_from=frozenset({"registered"})),
    "accepted": Move(
        case_from=frozenset({"registered"}),
        case_to="accepted",
        rules=("nobody_awaited", "matter_known", "place_or_reason", "summary_if_sealed"),
    ),
    "declined": Move(
        case_from=frozenset({"registered"}), case_to="declined", demands=("channel", "reply"), rules=("decline_reason",)
    ),
    "transferred": Move(
        case_from=frozenset({"registered", "accepted"}), case_to="transferred", rules=("transfer_target",)
    ),
    "answered": Move(case_from=frozenset({"registered"}), case_to="answered", demands=("reply",)),
    "routing_missed": Move(case_from=frozenset({"accepted"})),
    "dispatched": Move(
        case_from=frozenset({"accepted", "in_conference"}),
        case_to="active",
        rules=(
            "nobody_awaited", "unit_on", "no_self_handling", "summary_for_blind", "conference_decides", "no_ping_pong",
        ),
    ),
    "co_handler_added": Move(
        case_from=WORKING,
        rules=("unit_on", "unit_not_on_case", "no_self_handling", "summary_for_blind", "no_ping_pong"),
    ),
    "recalled": of(
        "assignment", AT_UNIT, "recalled", demands=("reason",), rules=("decision_stands",), case_to="accepted"
    ),
    "signed": of("assignment", {"dispatched"}, "signed", case_from=_AT_WORK),
    "contacted": of("assignment", {"signed", "in_progress"}, "in_progress", case_from=_AT_WORK),
    "return_requested": of(
        "assignment",
        {"dispatched", "signed"},
        "return_requested",
        demands=("basis",),
        rules=("from_centre", "return_ground", "return_limit", "nothing_below"),
    ),
    "return_approved": of("assignment", {"return_requested"}, "recalled", case_to="accepted"),
    "return_refused": of("assignment", {"return_requested"}, "dispatched", demands=("reason",)),
    "handled": of(
        "assignment",
        {"signed", "in_progress"},
        "handled",
        case_from=_AT_WORK,
        demands=("note", "reply"),
        rules=(
            "from_centre", "lead_waits", "result_of_kind", "verified_first", "co_handlers_done", "shares_below_done",
            "head_approves",
        ),
    ),
    "sent_back": of(
        "assignment", {"handled"}, "in_progress", demands=("reason",), rules=("from_centre", "auditor_is_separate")
    ),
    "approved": Move(case_from=WORKING, case_to="callback", rules=("all_handled", "auditor_is_separate")),
    "visited": Move(
        case_from=frozenset({"callback"}),
        part="request",
        part_from=frozenset({"awaiting_visit"}),
        part_to="visited",
        rules=("visitor_is_separate",),
    ),
    "visit_missed": Move(
        case_from=frozenset({"callback"}),
        part="request",
        part_from=frozenset({"awaiting_visit"}),
        rules=("visitor_is_separate",),
    ),
    "reworked": Move(
        case_from=frozenset({"callback"}),
        case_to="rework",
        part="assignment",
        part_from=frozenset({"handled"}),
        part_to="in_progress",
        demands=("reason",),
        rules=("from_centre", "visitor_is_separate", "request_stands"),
    ),
    "closed": Move(
        case_from=frozenset({"callback"}),
        case_to="closed",
        rules=(
            "every_request_settled", "unsolved_goes_back", "closer_is_separate", "dissatisfaction_weighed",
            "window_over", "sampled_by_auditor", "office_closes",
        ),
    ),
    "rated": Move(case_from=RATEABLE, rules=("rated_once", "known_grade")),
    "words_added": Move(case_from=OPEN, demands=("words",)),
    "urged": Move(case_from=OPEN, rules=("not_urged_today",)),
    "reminded": Move(case_from=_AT_WORK, demands=("words",)),
    "withdrawn": Move(
        case_from=UNDISPATCHED,
        case_to="closed",
        part="request",
        part_from=frozenset({"open"}),
        part_to="withdrawn",
        rules=("no_unit_has_it", "only_requester"),
    ),
    "promised": Move(case_from=_ANY),
    "warned": Move(case_from=_ANY),
    "breached": Move(case_from=_ANY),
    "ordered": Move(case_from=OPEN, rules=("step_in_order",)),
    "order_signed": Move(case_from=_ANY),
    "order_answered": Move(case_from=_ANY, demands=("reply",)),
    "noticed": Move(case_from=_ANY, rules=("may_be_published",)),
    "erased": Move(case_from=ENDED),
    "clustered": Move(case_from=OPEN),
    **moves_care.MOVES,
    **moves_hands.MOVES,
    **moves_conference.MOVES,
    **moves_merge.MOVES,
    **moves_route.MOVES,
    **moves_pause.MOVES,
    **moves_remind.MOVES,
    **moves_extend.MOVES,
    **moves_ladder.MOVES,
    **moves_visit.MOVES,
    **moves_audit.MOVES,
    **moves_rating.MOVES,
    **moves_notice.MOVES,
    **moves_theme.MOVES,
    **moves_desk.MOVES,
    **moves_knowledge.MOVES,
    **moves_outage.MOVES,
}
