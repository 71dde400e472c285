"""What the audit of return visits demands beyond the state: findings, withdrawals, claims."""

from __future__ import annotations

from collections.abc import Callable

from cases import shares
from cases.ask import Ask
from cases.hands import is_separate
from cases.rows import AssignmentRow, RequestRow
from cases.states_audit import CLAIMS, FINDINGS, LEDGERS, TO_CHECK, WISHED
from hotline.errors import Say, conflict, invalid


def _share(ask: Ask) -> AssignmentRow:
    found: AssignmentRow = ask.file.assignments[ask.event.assignment]
    return found


def _request(ask: Ask) -> RequestRow:
    found: RequestRow = ask.file.requests[ask.event.request]
    return found


def _finding_kind(ask: Ask) -> None:
    if ask.event.what not in FINDINGS:
        raise invalid({"kind": Say("请选是哪一种问题。", "Choose the kind of finding.")})


def _rating_stands(ask: Ask) -> None:
    rating = ask.file.ratings.get(ask.event.rating)
    if rating is None or rating.annulled_at is not None:
        raise conflict("not_rated", "没有评价可作废，或已经作废了。", "There is no rating to annul, or it is annulled.")


def _rating_annulled(ask: Ask) -> None:
    rating = ask.file.ratings.get(ask.event.rating)
    if rating is None or rating.annulled_at is None:
        raise conflict("not_annulled", "这条评价没有作废。", "This rating is not annulled.")


def _not_rated_anew(ask: Ask) -> None:
    if _request(ask).rated_at is not None:
        raise conflict("rated_anew", "诉求人已重新评价，以新的为准。", "It was rated anew; the new grade stands.")


def _wished_once(ask: Ask) -> None:
    if _request(ask).withdraw_state == WISHED:
        raise conflict("wished", "已记下要撤单，等热线中心核查。", "The wish is noted; the centre will call.")


def _withdrawal_waits(ask: Ask) -> None:
    if _request(ask).withdraw_state not in (WISHED, TO_CHECK):
        raise conflict("not_waiting", "这件没有待核查的撤单。", "No withdrawal waits to be checked here.")


def _withdrawal_verdict(ask: Ask) -> None:
    event = ask.event
    if event.verdict not in ("free", "kept", "unreached"):
        raise invalid({"is_free": Say("请选是不是本人自愿。", "Say whether it is of their own will.")})
    if event.verdict == "kept" and event.ledger not in LEDGERS:
        raise invalid({"ledger": Say("请选记入哪本台账。", "Choose the ledger it goes on.")})
    if event.verdict == "free" and event.by_unit is not None:
        raise invalid(
            {"is_free": Say("单位要求撤的，不能算自愿。", "What a unit asked for is not of their own will.")}
        )


def _checker_is_separate(ask: Ask) -> None:
    if not is_separate(ask.file, ask.actor):
        raise conflict("not_separate", "承办的人不能核查撤单。", "Whoever handled it cannot check its withdrawal.")


def _on_ledger(ask: Ask) -> None:
    request = _request(ask)
    if request.withdraw_state != "kept" or request.withdraw_ledger is None:
        raise conflict("not_on_ledger", "这件不在台账上，或已销账。", "It is on no ledger, or struck off already.")


def _claim_known(ask: Ask) -> None:
    if ask.event.claim not in CLAIMS:
        raise invalid({"claim": Say("请选申请认定哪一种。", "Choose what is claimed.")})


def _claims_once(ask: Ask) -> None:
    share = _share(ask)
    if share.claim_state is not None:
        raise conflict(
            "claimed", "这件已经申请过认定，每个单位一次。", "A claim was made for this share already; it is made once."
        )


def _claim_open(ask: Ask) -> None:
    if _share(ask).claim_state != "open":
        raise conflict("no_claim", "这件没有待认定的申请。", "No claim waits to be decided here.")


def _claim_told(ask: Ask) -> None:
    """What is put aside is answered politely (domain.md 2.14): no exclusion without a word to the requester."""
    text = ask.texts.get("reply")
    if ask.event.is_upheld and (text is None or not text.value.strip()):
        raise invalid(
            {"reply": Say("认定后要礼貌告知诉求人，请写告知的话。", "Write what the requester is politely told.")},
            "text_missing",
        )


def _claim_alone(ask: Ask) -> None:
    """The lead's claim ends the case, so nobody else may still be working on it."""
    share = _share(ask)
    below = shares.open_below(ask.file, share.id)
    others = [one for one in ask.file.at_units if one.id != share.id] if share.role == "lead" else below
    if ask.event.is_upheld and others:
        raise conflict(
            "others_work", "协办或下级单位还在办，先让它们办完或退出。", "Others still work on it; let them end."
        )


def _decider_is_separate(ask: Ask) -> None:
    if not is_separate(ask.file, ask.actor) or ask.file.case.accepted_by in ask.actor.persons:
        raise conflict(
            "not_separate", "受理、承办过的人不能认定。", "Whoever accepted or handled it cannot decide on the claim."
        )


def _claim_upheld(ask: Ask) -> None:
    if _share(ask).claim_state != "upheld":
        raise conflict("not_upheld", "没有已认定的可以撤销。", "No upheld claim stands here.")


def _another_decides(ask: Ask) -> None:
    if _share(ask).claim_decided_by in ask.actor.persons:
        raise conflict("same_person", "申诉须由另一位同事裁定。", "An appeal is for somebody else to decide.")


RULES: dict[str, Callable[[Ask], None]] = {
    "finding_kind": _finding_kind,
    "rating_stands": _rating_stands,
    "rating_annulled": _rating_annulled,
    "not_rated_anew": _not_rated_anew,
    "wished_once": _wished_once,
    "withdrawal_waits": _withdrawal_waits,
    "withdrawal_verdict": _withdrawal_verdict,
    "checker_is_separate": _checker_is_separate,
    "on_ledger": _on_ledger,
    "claim_known": _claim_known,
    "claims_once": _claims_once,
    "claim_open": _claim_open,
    "claim_told": _claim_told,
    "claim_alone": _claim_alone,
    "decider_is_separate": _decider_is_separate,
    "claim_upheld": _claim_upheld,
    "another_decides": _another_decides,
}
