"""A case as the pages of issues and themes list it, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

COLUMNS = (
    "c.id, c.number, c.title, c.kind, c.matter, c.is_confidential, c.about_units, c.state, c.lead_unit, c.opened_at"
)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One case; ``answered_at``: when the theme's answer reached it."""

    id: UUID
    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str
    lead_unit: str | None
    opened_at: datetime
    is_by_hand: bool = False
    answered_at: datetime | None = None

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case; none is listed, but one may have become one meanwhile."""
        return self.kind == "report" or self.is_confidential


def listed(rows: Iterable[Any]) -> tuple[list[Listed], int]:
    """The cases of rows that also say how many there are (``total``)."""
    found = [dict(row) for row in rows]
    totals = [row.pop("total") for row in found]
    return [Listed(**row) for row in found], totals[0] if totals else 0
