"""What the forms of a conference ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from hotline.errors import Say
from web.forms import label

UNIT = Say("请选主办单位。", "Choose the lead unit.")


class Plan(msgspec.Struct, kw_only=True):
    """召集会商: when, where, who is in the chair; ``case`` goes on the agenda at once."""

    starts: Annotated[datetime, label("时间", "When", missing=Say("请选时间。", "Choose when."))]
    place: Annotated[str, label("地点", "Where", most=100, missing=Say("请写地点。", "Say where."))]
    chair: Annotated[str, label("主持人", "Chair", most=60, missing=Say("请写谁主持。", "Say who is in the chair."))]
    case: Annotated[str, label("列入议程的编号", "Case for the agenda", most=40)] = ""


class AddCase(msgspec.Struct, kw_only=True):
    """列入议程."""

    number: Annotated[str, label("编号", "Number", most=40, missing=Say("请写编号。", "Enter the number."))]
    question: Annotated[str, label("争议的问题", "Question in dispute", most=1000)] = ""
    cause: Annotated[str, label("原因", "Why", most=20)] = ""


class EditItem(msgspec.Struct, kw_only=True):
    """The question and the units concerned."""

    question: Annotated[str, label("争议的问题", "Question in dispute", most=1000,
                                   missing=Say("请写明争议的问题。", "Write the question in dispute."))]  # fmt: skip
    units: Annotated[tuple[str, ...], label("请哪些单位表态", "Units asked for their position", most=12)] = ()


class Drop(msgspec.Struct, kw_only=True):
    """Off the agenda."""


class Position(msgspec.Struct, kw_only=True):
    """A unit's position before the conference."""

    words: Annotated[str, label("本单位意见", "Your unit's position", most=2000,
                                missing=Say("请写下本单位的意见。", "Write your unit's position."))]  # fmt: skip
    unit: Annotated[str, label("单位", "Unit", most=20)] = ""


class Decide(msgspec.Struct, kw_only=True):
    """会商决定."""

    unit: Annotated[str, label("主办单位", "Lead unit", most=20, missing=UNIT)]
    decision: Annotated[str, label("决定和理由", "Decision and reasons", most=2000,
                                   missing=Say("请写下会商决定。", "Write down the decision."))]  # fmt: skip
    co_units: Annotated[tuple[str, ...], label("协办单位", "Co-handlers", most=8)] = ()
    precedent: Annotated[str, label("列为先例", "Make it a precedent", most=10)] = ""
    seq: int | None = None


class Precedent(msgspec.Struct, kw_only=True):
    """列为先例, afterwards."""

    precedent: Annotated[str, label("适用范围", "Where it applies", most=10,
                                    missing=Say("请选先例适用的范围。", "Choose where it applies."))]  # fmt: skip


class Roll(msgspec.Struct, kw_only=True):
    """到会: units that were there; ``person-<unit>`` says who came; ``more`` are units asked in addition."""

    present: Annotated[tuple[str, ...], label("到会单位", "Units present", most=60)] = ()
    more: Annotated[tuple[str, ...], label("另请单位", "More units", most=6)] = ()


class Cancel(msgspec.Struct, kw_only=True):
    """取消."""

    reason: Annotated[str, label("取消的原因", "Why it is cancelled", most=300,
                                 missing=Say("请写明为何取消。", "Say why it is cancelled."))]  # fmt: skip


class Held(msgspec.Struct, kw_only=True):
    """会议结束."""
