"""Projections of merging, unmerging and splitting. Pure, like the others.

A request that changes its case waits ``at_door``: whoever applies the events (``cases/merging.py`` and
``cases/rebuild.py``) carries it from the one file to the other in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from cases import events_merge as e
from cases.file import CaseFile, Entry
from cases.indexing import index
from cases.projections_unit import units
from cases.projections_visit import afresh


def _leave(file: CaseFile, requests: Iterable[UUID]) -> None:
    for one in requests:
        file.at_door[one] = file.requests.pop(one)
    file.case.request_count = len(file.requests)


def _enter(file: CaseFile, requests: Iterable[UUID], home: UUID | None) -> None:
    for one in requests:
        request = file.requests[one] = file.at_door.pop(one)
        request.case_id, request.home_id = file.case.id, home
    file.case.request_count = len(file.requests)
    index(file)


def _mark(file: CaseFile, marks: e.Marks) -> None:
    case = file.case
    case.urgency, case.is_vulnerable = marks.urgency, marks.is_vulnerable
    case.is_minor, case.is_investigation = marks.is_minor, marks.is_investigation


def _merged(file: CaseFile, event: e.Merged, entry: Entry) -> None:
    for one in event.ended:
        assignment = file.assignments[one.assignment]
        assignment.state, assignment.ended_at = "ended", entry.row.at
    file.case.merged_into = event.into
    units(file)
    _leave(file, event.requests)


def _joined(file: CaseFile, event: e.Joined, entry: Entry) -> None:
    _enter(file, event.requests, event.child)
    _mark(file, event.marks)
    file.case.urge_count += event.urges


def _parted(file: CaseFile, event: e.Parted, entry: Entry) -> None:
    _leave(file, event.requests)
    _mark(file, event.marks)
    file.case.urge_count = max(0, file.case.urge_count - event.urges)
    index(file)


def _unmerged(file: CaseFile, event: e.Unmerged, entry: Entry) -> None:
    for one in event.revived:
        assignment = file.assignments[one.assignment]
        assignment.state, assignment.ended_at = one.state, None
    file.case.state, file.case.merged_into = event.state, None
    units(file)
    _enter(file, event.requests, None)
    for identifier in event.requests:
        afresh(file.requests[identifier])


def _split_off(file: CaseFile, event: e.SplitOff, entry: Entry) -> None:
    words, title = entry.texts.get("words"), entry.texts.get("title")
    file.requests[event.request].words = words.value if words is not None else None
    if title is not None:
        file.case.title = title.value or ""
    index(file)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "merged": _merged,
    "joined": _joined,
    "parted": _parted,
    "unmerged": _unmerged,
    "split_off": _split_off,
}
