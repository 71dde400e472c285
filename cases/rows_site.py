"""A joint site visit (一次上门、联合办理) as a row: one slot of a case, who was asked, who comes, who was there."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from hotline.work import ORDER, Row

ORDER += ["site_visit"]

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"


class SiteVisitRow(Row, kw_only=True):
    """One slot. Place and outcome are texts beside the ledger: ``spot_seq`` and ``outcome_seq`` name their events."""

    table: ClassVar[str] = "site_visit"

    id: UUID
    case_id: UUID
    state: str = PLANNED
    unit: str
    starts_at: datetime
    ends_at: datetime
    units: tuple[str, ...]
    coming: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    attended: tuple[str, ...] = ()
    tells_requester: bool = False
    spot_seq: int
    outcome_seq: int | None = None
    moves: int = 0
    planned_at: datetime
    planned_by: UUID
    ended_at: datetime | None = None
