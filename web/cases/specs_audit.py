"""Acts on the case page: withdrawals once a unit has it, claims that a case is put aside."""

from __future__ import annotations

from datetime import datetime

from cases import events as e
from cases import events_audit as a
from cases.states import AT_UNIT
from sla import claims
from web.cases import asks_audit, choices_audit
from web.cases.choices import Standing
from web.cases.spec import Spec, act, yes

_DECIDE = "claim.decide"


def _wish(at: Standing) -> e.Event | None:
    view = at.view
    there = [r for r in view.file.requests.values() if r.state in ("open", "awaiting_visit")]
    if not there or not view.case.is_open or view.case.lead_unit is None or there[0].withdraw_state == "wished":
        return None
    return a.WithdrawalWished(request=there[0].id, unit=view.case.lead_unit)


def _unit_wish(at: Standing) -> e.Event | None:
    return _wish(at) if at.view.own is not None and at.view.own.state in AT_UNIT else None


def _claim(at: Standing) -> e.Event | None:
    own = at.view.own
    if own is None or own.state not in ("signed", "in_progress") or own.role == "below" or own.claim_state is not None:
        return None
    return a.Claimed(assignment=own.id, claim="unreasonable")


def _may_claim(at: Standing, now: datetime) -> None:
    if at.view.own is not None:
        claims.in_time(at.clocks, at.view.own, now)


def _decision(at: Standing) -> e.Event | None:
    found = choices_audit.claims(at.view, "open")
    return a.ClaimDecided(assignment=found[0].id, claim=found[0].claim or "", is_upheld=False) if found else None


def _reversal(at: Standing) -> e.Event | None:
    found = choices_audit.claims(at.view, "upheld")
    return a.ClaimReversed(assignment=found[0].id, claim=found[0].claim or "") if found else None


SPECS: tuple[Spec, ...] = (
    act("withdraw_wish", "withdrawal-wish", "要求撤单", "Wishes to withdraw", "call.take", asks_audit.Wish, _wish,
        start=choices_audit.start_wish),
    act("unit_wish", "withdrawal-report", "报告诉求人要撤单", "Report a wish to withdraw", "case.handle",
        asks_audit.Wish, _unit_wish, start=choices_audit.start_wish),
    act("claim", "claim", "申请认定", "Claim to put it aside", "case.handle", asks_audit.Claim, _claim,
        check=_may_claim),
    act("claim_decision", "claim-decision", "认定", "Decide the claim", _DECIDE, asks_audit.ClaimDecision, _decision,
        start=choices_audit.start_decision, is_main=yes),
    act("claim_reversal", "claim-reversal", "撤销认定", "Reverse the decision", _DECIDE, asks_audit.ClaimReversal,
        _reversal, start=choices_audit.start_reversal),
)  # fmt: skip
