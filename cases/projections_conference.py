"""Projections of conferences and joint site visits. Pure, like the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_conference as e
from cases import projections_site
from cases.file import CaseFile, Entry
from cases.projections_unit import settle, units


def _back(file: CaseFile) -> None:
    """A case with a lead is worked on, again when a share is in its second round; without one it is to dispatch."""
    if file.lead is None:
        file.case.state = "accepted"
    else:
        file.case.state = "rework" if any(a.round > 1 for a in file.live) else "active"


def _withdrawn(file: CaseFile, event: e.ConferenceWithdrawn, entry: Entry) -> None:
    _back(file)


def _decided(file: CaseFile, event: e.ConferenceDecided, entry: Entry) -> None:
    for identifier in event.recalled:
        leaving = file.assignments[identifier]
        leaving.state, leaving.ended_at = "recalled", entry.row.at
        settle(leaving)
    if event.keeps is not None:
        kept = file.assignments[event.keeps]
        kept.is_binding = True
        if kept.objection == "open":  # the conference has answered it
            kept.objection = "withdrawn"
        if kept.state == "return_requested":
            kept.state = "dispatched" if kept.signed_at is None else "signed"
        _back(file)
    units(file)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "conference_withdrawn": _withdrawn,
    "conference_decided": _decided,
    **projections_site.OWN,
}
