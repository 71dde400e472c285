"""What the forms of the outages ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from cases import outage_areas
from cases.outage_acts import Plan
from hotline import clock
from hotline.errors import Say
from web.forms import label

PLANNED = {"sudden": Say("突发", "Sudden"), "planned": Say("计划", "Planned")}
UNITS = {"water": "WSU", "power": "PWR", "gas": "GAS", "heat": "HTG"}
"""Whose outage it is unless another unit is chosen."""
_WHERE = Say("请写哪些地方停，一行一处。", "Write where it is off, a place a line.")


class Notice(msgspec.Struct, kw_only=True):
    """A notice as it is entered and corrected."""

    kind: Annotated[Literal["water", "power", "gas", "heat"],
                    label("停什么", "What is off", missing=Say("请选停什么。", "Choose what is off."))]  # fmt: skip
    planned: Annotated[Literal["sudden", "planned"],
                       label("性质", "Kind", missing=Say("请选突发或计划。", "Choose sudden or planned."))]  # fmt: skip
    unit: Annotated[str, label("责任单位", "Unit in charge", most=40)] = ""
    since: Annotated[datetime, label("从什么时候", "Since",
                                     missing=Say("请写从什么时候停。", "Say since when."))]  # fmt: skip
    expected: Annotated[datetime | None, label("预计恢复", "Expected end")] = None
    areas: Annotated[str, label("哪些地方", "Where", most=4000, missing=_WHERE)]
    cause: Annotated[str, label("原因（对公众）", "Reason (public)", most=200,
                                missing=Say("请写对公众说的原因。", "Give the reason for the public."))]  # fmt: skip
    note: Annotated[str, label("给坐席的话", "Note for agents", most=1000)] = ""
    source: Annotated[str, label("依据", "Source", most=200)] = ""
    why: Annotated[str, label("为什么更正", "Why it is corrected", most=300)] = ""
    revision: int | None = None

    def check(self) -> dict[str, Say]:
        """Each line has to name a place."""
        _, wrong = outage_areas.read(self.areas)
        return {"areas": wrong or _WHERE} if wrong or not self.areas.strip() else {}

    def plan(self) -> Plan:
        """The notice with its places understood; the utility's own unit unless another is chosen."""
        areas, _ = outage_areas.read(self.areas)
        return Plan(
            kind=self.kind, is_planned=self.planned == "planned", unit=self.unit or UNITS[self.kind], since=self.since,
            expected=self.expected, areas=tuple(areas), cause=self.cause, note=self.note, source=self.source,
        )  # fmt: skip


class Move(msgspec.Struct, kw_only=True):
    """改预计恢复时间."""

    expected: Annotated[datetime | None, label("新的预计恢复", "New expected end")] = None
    why: Annotated[str, label("为什么改", "Why it moved", most=300,
                              missing=Say("请写为什么改，公众看得到。", "Say why; the public sees it."))]  # fmt: skip
    revision: int | None = None


class End(msgspec.Struct, kw_only=True):
    """恢复."""

    at: Annotated[datetime | None, label("什么时候恢复的", "Since when it is back")] = None
    words: Annotated[str, label("对公众说的话", "Words for the public", most=300)] = ""
    revision: int | None = None

    @property
    def moment(self) -> datetime:
        """Now unless a time is given."""
        return self.at or clock.now()


class Withdraw(msgspec.Struct, kw_only=True):
    """撤回."""

    reason: Annotated[str, label("哪里不对", "What was wrong", most=300,
                                 missing=Say("请写明哪里不对。", "Say what was wrong."))]  # fmt: skip
    revision: int | None = None


class Again(msgspec.Struct, kw_only=True):
    """没有恢复."""

    expected: Annotated[datetime | None, label("新的预计恢复", "New expected end")] = None
    why: Annotated[str, label("怎么回事", "What happened", most=300,
                              missing=Say("请写怎么回事，公众看得到。", "Say what happened; the public sees it."))]
    revision: int | None = None


class Called(msgspec.Struct, kw_only=True):
    """已打电话."""

    receipt: Annotated[str, label("编号", "Number", most=40)]


class Several(msgspec.Struct, kw_only=True):
    """A table of notices."""

    rows: Annotated[str, label("通知表", "Table of notices", most=60_000,
                               missing=Say("请贴上通知表。", "Paste the table."))]  # fmt: skip
