"""Moves of merging, unmerging and splitting. What must fit between the two cases is ``cases/merging.py``'s to say."""

from __future__ import annotations

from cases.move import Move
from cases.states import OPEN, UNDISPATCHED, WORKING

MERGEABLE = frozenset({"registered", "accepted"}) | WORKING
"""A case may go into another until its answer is out; one in conference waits for the decision."""
HOLDING = UNDISPATCHED | WORKING
"""A case takes others until its answer is out."""

MOVES: dict[str, Move] = {
    "merged": Move(case_from=MERGEABLE, case_to="merged"),
    "joined": Move(case_from=HOLDING),
    "parted": Move(case_from=OPEN),
    "unmerged": Move(case_from=frozenset({"merged"})),
    "split_off": Move(case_from=frozenset({"registered", "accepted"}), rules=("only_requester", "open_request")),
    "split_from": Move(case_from=frozenset({"registered"})),
}
