"""Projections of the audit of return visits: findings, withdrawals, claims. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from cases import events_audit as a
from cases import pauses
from cases.ending import end_case
from cases.file import CaseFile, Entry
from cases.projections_unit import lend_a_hand
from cases.rows import RecordRow
from cases.states import SETTLED, SUPERVISED
from cases.states_audit import TO_CHECK, WISHED


def to_check(file: CaseFile, request: UUID, entry: Entry) -> None:
    """A withdrawal that ended a case waits for its quality-check call."""
    one = file.requests[request]
    one.withdraw_state, one.withdraw_at = TO_CHECK, entry.row.at


def _record(file: CaseFile, entry: Entry, record: UUID | None, cause: str, cause_id: UUID, unit: str) -> None:
    if record is not None and unit:
        file.fresh.append(
            RecordRow(
                id=record, cause=cause, cause_id=cause_id, case_id=file.case.id, unit=unit, at=entry.row.at
            )
        )


def _found(file: CaseFile, event: a.AuditFound, entry: Entry) -> None:
    _record(file, entry, event.record, "finding", event.finding, event.unit)


def _annulled(file: CaseFile, event: a.RatingAnnulled, entry: Entry) -> None:
    rating, request = file.ratings[event.rating], file.requests[event.request]
    rating.annulled_at, rating.annulled_by, rating.annulled_reason = entry.row.at, entry.row.actor, event.reason
    request.rated_at = request.final_grade = None
    if not event.keeps_first:
        request.first_grade = None
    _record(file, entry, event.record, "rating_annulled", event.record, event.unit)


def _restored(file: CaseFile, event: a.RatingRestored, _: Entry) -> None:
    rating, request = file.ratings[event.rating], file.requests[event.request]
    rating.annulled_at = rating.annulled_by = rating.annulled_reason = None
    request.rated_at, request.first_grade, request.final_grade = rating.at, event.first_grade, event.final_grade


def _wished(file: CaseFile, event: a.WithdrawalWished, entry: Entry) -> None:
    request = file.requests[event.request]
    request.withdraw_state, request.withdraw_at, request.withdraw_unit = WISHED, entry.row.at, event.unit


def _checked(file: CaseFile, event: a.WithdrawalChecked, entry: Entry) -> None:
    request = file.requests[event.request]
    was, request.withdraw_state = request.withdraw_state, event.verdict
    request.withdraw_ledger = event.ledger
    if event.by_unit is not None:
        request.withdraw_unit = event.by_unit
        if event.record is not None:
            _record(file, entry, event.record, "withdrawal_solicited", event.record, event.by_unit)
    if event.verdict == "free" and was == WISHED:
        request.state = "withdrawn"
        if request.info_until is not None:  # nobody is waited for who wants nothing any more
            pauses.end(file)
        _end_if_withdrawn(file, entry)
    elif event.verdict == "kept" and was == TO_CHECK:
        _take_up_again(file, event.request)


def _end_if_withdrawn(file: CaseFile, entry: Entry) -> None:
    """A case whose every request was withdrawn ends, and counts in nobody's scores (domain.md 2.3)."""
    if any(one.state not in ("withdrawn", "erased") for one in file.requests.values()):
        return
    for share in file.live:
        share.excluded = "withdrawn"
    file.case.state = "closed"
    end_case(file, "withdrawn", entry)


def _take_up_again(file: CaseFile, request: UUID) -> None:
    """Withdrawn, but not of free will: the case stands where it stood before a unit had it."""
    case = file.case
    file.requests[request].state = "open"
    case.state = "accepted" if case.accepted_at is not None else "registered"
    case.closed_at = case.close_reason = None


def _struck(file: CaseFile, event: a.WithdrawalStruck, _: Entry) -> None:
    file.requests[event.request].withdraw_state = "struck"


def _claimed(file: CaseFile, event: a.Claimed, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.claim, share.claim_state, share.claimed_at = event.claim, "open", entry.row.at
    lend_a_hand(share, entry)


def _decided(file: CaseFile, event: a.ClaimDecided, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.claim_state = "upheld" if event.is_upheld else "refused"
    share.claim_decided_by = entry.row.actor
    if not event.is_upheld:
        return
    share.excluded = event.claim
    if file.case.state == "closed":
        return
    if share.role == "lead":
        share.state, share.result, share.handled_at = "handled", event.claim, share.handled_at or entry.row.at
        share.head_asked_at = share.head_asked_by = share.co_ask = share.co_ask_unit = None
        _put_aside(file)
    elif share.state != "ended":
        share.state, share.ended_at = "ended", entry.row.at


def _put_aside(file: CaseFile) -> None:
    """No return visit but a courtesy notice; only a supervised case is visited all the same (rules.md 2)."""
    file.case.state = "callback"
    for request in file.requests.values():
        if request.state not in SETTLED:
            request.state = "awaiting_visit" if file.case.supervision >= SUPERVISED else "exempt"


def _reversed(file: CaseFile, event: a.ClaimReversed, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.claim_state, share.excluded, share.claim_decided_by = "reversed", None, entry.row.actor


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "audit_found": _found,
    "rating_annulled": _annulled,
    "rating_restored": _restored,
    "withdrawal_wished": _wished,
    "withdrawal_checked": _checked,
    "withdrawal_struck": _struck,
    "claimed": _claimed,
    "claim_decided": _decided,
    "claim_reversed": _reversed,
}
