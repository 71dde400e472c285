"""What of each kind of event a requester's own proof shows: codes and times that their page tells, never a person.

A kind that is not here shows that it happened and when. What is not shown stands as a commitment (docs/adr/0032).
"""

from __future__ import annotations

from collections.abc import Collection

from cases import events as e
from cases import wording
from cases.file import Entry
from cases.rows import RequestRow

FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "registered": "number request_kind urgency channel line reply_by requester_kind county township matter "
        "about_unit is_anonymous is_confidential filed_at portal lang",
        "accepted": "matter county township urgency",
        "declined": "reason",
        "transferred": "target is_statutory",
        "answered": "article",
        "dispatched": "unit",
        "contacted": "way",
        "handled": "result",
        "closed": "reason",
        "visited": "channel was_contacted is_solved is_truthful grade",
        "visit_missed": "channel outcome is_last next_at asked_until",
        "visit_answered": "channel grade raw_grade scale",
        "visit_wished": "part channel",
        "rated": "unit grade raw_grade scale channel",
        "words_added": "channel",
        "urged": "channel",
        "withdrawal_checked": "is_solved",
        "info_asked": "until",
        "info_ended": "how",
        "suspended": "review is_again",
        "resumed": "how",
        "extension_granted": "amount measure was due law",
        "law_applied": "law was due",
        "lead_due_moved": "was due",
        "merged": "into seq hash",
        "unmerged": "parent seq hash",
        "split_from": "case seq hash",
        "split_off": "case",
        "site_visit_planned": "starts ends",
        "site_visit_moved": "starts ends",
        "site_visit_cancelled": "starts",
        "imported": "matter unit closed_at close_reason grade due outcome",
        "erased": "rule",
    }.items()
}
_STAGES = frozenset({"answer", "finish", "dispatch", "accept"})
"""Promises that the requester's page speaks of."""


_QUIET = frozenset({"unreasonable", "malicious", "not_substantiated", "beyond_remit", "repeat_no_new_facts"})
"""Codes of an end that the page puts into kinder words: the code itself is the office's."""


def is_told(entry: Entry, request: RequestRow, leads: Collection[str]) -> bool:
    """Whether the requester's page tells that this happened; what it does not, is not in their proof either.

    ``leads`` are the units that had the case: what others beside them promised is between the units.
    """
    event = entry.event
    if isinstance(event, e.Promised):
        return bool(fields_of(entry, request)) and all(one.unit in {"", *leads} for one in event.promises)
    return event.kind != "handled" and wording.for_requester(event) is not None


def fields_of(entry: Entry, request: RequestRow) -> frozenset[str]:
    """The fields of this entry that this requester's proof shows. Promises stand in one field: all or none."""
    event = entry.event
    if getattr(event, "reason", getattr(event, "result", None)) in _QUIET:
        return frozenset()
    if isinstance(event, e.Promised):
        is_theirs = all(one.request in {None, request.id} and one.stage in _STAGES for one in event.promises)
        return frozenset({"promises"}) if is_theirs else frozenset()
    return FIELDS.get(event.kind, frozenset())


def texts_of(entry: Entry, request: RequestRow) -> list[str]:
    """The names of the texts that this requester may read, erased ones too; sealed ones are in no file."""
    if isinstance(entry.event, e.Registered) and entry.event.request != request.id:
        return []
    found = [
        name for name, text in entry.texts.items()
        if text.audience == e.REQUESTER and text.request_id in {None, request.id} and text.sealed is None
    ]  # fmt: skip
    return sorted(found)
