"""A case as the pages of issues and themes list it, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from cases.of_case import CASE, OfCase

COLUMNS = f"c.id, {CASE}, c.lead_unit, c.opened_at"


class Listed(OfCase, frozen=True, kw_only=True):
    """One case; ``answered_at``: when the theme's answer reached it. One may become sealed meanwhile."""

    id: UUID
    lead_unit: str | None
    opened_at: datetime
    is_by_hand: bool = False
    answered_at: datetime | None = None


def listed(rows: Iterable[Any]) -> tuple[list[Listed], int]:
    """The cases of rows that also say how many there are (``total``)."""
    found = [dict(row) for row in rows]
    totals = [row.pop("total") for row in found]
    return [Listed(**row) for row in found], totals[0] if totals else 0
