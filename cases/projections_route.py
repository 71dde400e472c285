"""Projections of choosing where a case goes. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.events_route import MatterCorrected, UrgencySet, Weighed
from cases.file import CaseFile, Entry
from cases.projections_care import urgency_of


def _weighed(file: CaseFile, _event: Weighed, _entry: Entry) -> None:
    file.case.is_weighed = True


def _matter_corrected(file: CaseFile, event: MatterCorrected, _: Entry) -> None:
    file.case.matter = event.new


def _urgency_set(file: CaseFile, event: UrgencySet, _: Entry) -> None:
    file.case.urgency = urgency_of(file, event.new)


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "weighed": _weighed, "matter_corrected": _matter_corrected, "urgency_set": _urgency_set,
}  # fmt: skip
