"""Outages as rows and words: the kinds, the states, one notice with its areas, the link to a requester."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from cases import rows as _rows  # noqa: F401 - the tables that a link points at come before it in ORDER
from hotline.errors import Say
from hotline.work import ORDER, Row

ORDER += ["outage", "outage_link"]

KINDS: dict[str, Say] = {
    "water": Say("停水", "Water off"),
    "power": Say("停电", "Power off"),
    "gas": Say("停气", "Gas off"),
    "heat": Say("停暖", "Heating off"),
}
BACK: dict[str, Say] = {
    "water": Say("供水", "the water supply"),
    "power": Say("供电", "the power supply"),
    "gas": Say("供气", "the gas supply"),
    "heat": Say("供暖", "the heating"),
}
"""What is there again."""
STATES: dict[str, Say] = {
    "on": Say("停供中", "Under way"),
    "over": Say("已恢复", "Over"),
    "withdrawn": Say("已撤回", "Withdrawn"),
}
CHANGES: dict[str, Say] = {
    "entered": Say("登记", "entered"),
    "moved": Say("改预计恢复时间", "moved the expected end"),
    "corrected": Say("更正", "corrected"),
    "over": Say("恢复", "over"),
    "again": Say("没有恢复，继续停供", "not over, going on"),
    "withdrawn": Say("撤回", "withdrawn"),
}


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a notice. Codes are "" where it names none; no codes and words: anywhere those words are said."""

    county: str = ""
    township: str = ""
    village: str = ""
    words: tuple[str, ...] = ()


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """One notice with its areas. ``expected`` None: nobody knows yet when it ends."""

    id: UUID
    number: str
    kind: str
    is_planned: bool
    unit: str
    since: datetime
    expected: datetime | None
    cause: str
    note: str
    source: str
    state: str
    round: int
    over_at: datetime | None
    over_words: str
    ended_at: datetime | None
    made_by: UUID
    made_at: datetime
    changed_at: datetime
    revision: int
    areas: tuple[Area, ...] = ()

    @property
    def is_on(self) -> bool:
        """Neither over nor withdrawn."""
        return self.state == "on"

    def is_late(self, now: datetime) -> bool:
        """Past its expected end, and nobody has moved it or said that it is over."""
        return self.is_on and self.expected is not None and self.expected <= now


class LinkRow(Row, kw_only=True):
    """A requester whose call an outage answered."""

    table: ClassVar[str] = "outage_link"
    identity: ClassVar[tuple[str, ...]] = ("outage_id", "request_id")

    outage_id: UUID
    request_id: UUID
    case_id: UUID
    at: datetime
    wants_news: bool
    told_round: int = 0
    told_at: datetime | None = None
    still_at: datetime | None = None
    called_at: datetime | None = None
    called_by: UUID | None = None
