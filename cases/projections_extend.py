"""Projections of an extension asked for, approved or refused; a longer promise that a statute gives. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_extend as x
from cases.file import CaseFile, Entry
from cases.projections_unit import ask_no_more, lend_a_hand


def _asked(file: CaseFile, event: x.ExtensionAsked, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    share.extension_asked_at, share.extension_by = entry.row.at, event.by
    share.extension_amount, share.extension_unit, share.extension_law = event.amount, event.measure, event.law
    lend_a_hand(share, entry)


def _answered(file: CaseFile, event: Any, entry: Entry) -> None:
    ask_no_more(file.assignments[event.assignment])


def _law_applied(file: CaseFile, event: x.LawApplied, entry: Entry) -> None:
    share = file.assignments[event.assignment]
    ask_no_more(share)
    share.profile, file.case.law = event.profile, event.law


def _admitted(file: CaseFile, event: x.Admitted, entry: Entry) -> None:
    lend_a_hand(file.assignments[event.assignment], entry)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "extension_asked": _asked,
    "extension_granted": _answered,
    "extension_refused": _answered,
    "extension_lapsed": _answered,
    "law_applied": _law_applied,
    "admitted": _admitted,
}
