"""What the selects of withdrawals and claims offer, and with what their forms begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cases.rows import AssignmentRow
from cases.states_audit import CLAIMS
from cases.views import CaseView
from hotline.errors import Say
from web.cases import asks_audit
from web.cases.choices_hands import named

if TYPE_CHECKING:
    from web.cases.choices import Standing


def claims(view: CaseView, state: str) -> list[AssignmentRow]:
    """The shares whose claim is in this state."""
    return [one for one in view.file.assignments.values() if one.claim_state == state]


def wishing(view: CaseView) -> dict[str, Say]:
    """The requests that may still be withdrawn, by id."""
    found = view.file.requests.values()
    return {str(r.id): Say(r.receipt_no, r.receipt_no) for r in found if r.state in ("open", "awaiting_visit")}


def _of(state: str) -> Callable[[Standing], dict[str, Any]]:
    def offered(at: Standing) -> dict[str, Any]:
        found: Sequence[AssignmentRow] = claims(at.view, state)
        return {"assignment": named(found), "decision": asks_audit.DECISIONS, "claims": CLAIMS, "shares": found}

    return offered


def start_wish(at: Standing) -> Mapping[str, object]:
    """The first request."""
    return {"request": next(iter(wishing(at.view)), "")}


def start_decision(at: Standing) -> Mapping[str, object]:
    """The share, and the beginning of a polite word."""
    return {"assignment": claims(at.view, "open")[0].id, "reply": asks_audit.COURTESY.zh}


def start_reversal(at: Standing) -> Mapping[str, object]:
    """The share."""
    return {"assignment": claims(at.view, "upheld")[0].id}


OPTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "withdraw_wish": lambda at: {"request": wishing(at.view)},
    "unit_wish": lambda at: {"request": wishing(at.view)},
    "claim": lambda _: {"claim": CLAIMS},
    "claim_decision": _of("open"),
    "claim_reversal": _of("upheld"),
}
