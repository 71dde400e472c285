"""Projections of appeals of ratings and what they come to. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases import events_rating as r
from cases.file import CaseFile, Entry


def _appealed(file: CaseFile, event: r.RatingAppealed, entry: Entry) -> None:
    rating = file.ratings[event.rating]
    rating.appeal_state, rating.appeal_ground = "open", event.ground
    rating.appealed_at, rating.appealed_by = entry.row.at, entry.row.actor


def _decided(file: CaseFile, event: r.RatingAppealDecided, entry: Entry) -> None:
    rating = file.ratings[event.rating]
    rating.appeal_state = "upheld" if event.is_upheld else "refused"
    rating.appeal_decided_at, rating.appeal_decided_by = entry.row.at, entry.row.actor


OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {
    "rating_appealed": _appealed,
    "rating_appeal_decided": _decided,
}
