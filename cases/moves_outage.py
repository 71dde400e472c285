"""Moves of outages and their callers: none changes a state, whatever the case has become by then."""

from __future__ import annotations

from cases.move import Move
from cases.states import CASE_STATES

_ALIVE = frozenset(CASE_STATES) - {"merged"}
KNOWN = frozenset({"open", "awaiting_visit", "visited", "exempt"})
"""States of a request whose requester is still told things."""

MOVES: dict[str, Move] = {
    "outage_linked": Move(case_from=_ALIVE, part="request", part_from=KNOWN, rules=("no_report_by_outage",)),
    "outage_unlinked": Move(case_from=_ALIVE, part="request", part_from=KNOWN),
    "outage_over": Move(case_from=_ALIVE, part="request", part_from=KNOWN),
    "outage_still": Move(case_from=_ALIVE, part="request", part_from=KNOWN),
}
