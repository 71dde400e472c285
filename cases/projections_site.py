"""Projections of joint site visits. Pure; the slots of the case are in the file before any of these runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_site as e
from cases.file import CaseFile, Entry
from cases.rows_site import CANCELLED, HELD, SiteVisitRow


def _planned(file: CaseFile, event: e.SiteVisitPlanned, entry: Entry) -> None:
    slot = SiteVisitRow(
        id=event.slot, case_id=entry.row.case_id, unit=event.unit, starts_at=event.starts, ends_at=event.ends,
        units=event.units, coming=(event.unit,), tells_requester=event.tells, spot_seq=entry.row.seq,
        planned_at=entry.row.at, planned_by=entry.row.actor,
    )  # fmt: skip
    file.slots[slot.id] = slot
    file.fresh.append(slot)


def _moved(file: CaseFile, event: e.SiteVisitMoved, entry: Entry) -> None:
    slot = file.slots[event.slot]
    slot.starts_at, slot.ends_at, slot.units = event.starts, event.ends, event.units
    slot.coming, slot.declined = (slot.unit,), ()
    slot.spot_seq, slot.moves = entry.row.seq, slot.moves + 1


def _answered(file: CaseFile, event: e.SiteVisitAnswered, entry: Entry) -> None:
    slot = file.slots[event.slot]
    coming = tuple(one for one in slot.coming if one != event.unit)
    declined = tuple(one for one in slot.declined if one != event.unit)
    slot.coming, slot.declined = (
        ((*coming, event.unit), declined) if event.comes else (coming, (*declined, event.unit))
    )


def _held(file: CaseFile, event: e.SiteVisitHeld, entry: Entry) -> None:
    slot = file.slots[event.slot]
    slot.state, slot.attended = HELD, event.attended
    slot.outcome_seq, slot.ended_at = entry.row.seq, entry.row.at


def _cancelled(file: CaseFile, event: e.SiteVisitCancelled, entry: Entry) -> None:
    slot = file.slots[event.slot]
    slot.state, slot.ended_at = CANCELLED, entry.row.at


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "site_visit_planned": _planned,
    "site_visit_moved": _moved,
    "site_visit_answered": _answered,
    "site_visit_held": _held,
    "site_visit_cancelled": _cancelled,
}
