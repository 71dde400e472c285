"""Projections of a pause: one request for more information, suspension with a plan, resuming. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_pause as p
from cases import pauses
from cases.ending import end_case
from cases.file import CaseFile, Entry
from cases.projections_unit import lend_a_hand


def _info_asked(file: CaseFile, event: p.InfoAsked, entry: Entry) -> None:
    pauses.begin(file, pauses.NEEDS_INFO, at=entry.row.at, until=event.until, share=event.assignment)
    file.case.info_asked_at = entry.row.at
    request = file.requests[event.request]
    request.info_asked_at, request.info_until = entry.row.at, event.until
    if event.assignment is not None:
        lend_a_hand(file.assignments[event.assignment], entry)


def _over(file: CaseFile, event: p.InfoEnded | p.Resumed, entry: Entry) -> None:
    pauses.end(file)


def _info_lapsed(file: CaseFile, event: p.InfoLapsed, entry: Entry) -> None:
    end_case(file, "info_not_supplied", entry)


def _suspension_asked(file: CaseFile, event: p.SuspensionAsked, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.suspension_asked_at, share.suspension_review = entry.row.at, event.review
    lend_a_hand(share, entry)


def _decided(file: CaseFile, event: p.SuspensionRefused | p.Suspended, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.suspension_asked_at = share.suspension_review = None


def _suspended(file: CaseFile, event: p.Suspended, entry: Entry) -> None:
    _decided(file, event, entry)
    file.case.suspensions += 1
    pauses.begin(
        file, pauses.SUSPENDED, at=entry.row.at, until=event.review, share=event.assignment, review=event.review
    )


def _review_due(file: CaseFile, event: p.ReviewDue, entry: Entry) -> None:
    file.case.paused_until = event.until


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "info_asked": _info_asked,
    "info_ended": _over,
    "info_lapsed": _info_lapsed,
    "suspension_asked": _suspension_asked,
    "suspension_refused": _decided,
    "suspended": _suspended,
    "review_due": _review_due,
    "resumed": _over,
}
