"""What the forms of the gaps ask for."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hotline.errors import Say
from web.forms import label

_REASON = Say("请写理由，会告诉报缺口的人。", "Give the reason; whoever asked is told.")


class New(msgspec.Struct, kw_only=True):
    """提出缺口."""

    question: Annotated[str, label("市民会怎么问", "How citizens put it", most=300,
                                   missing=Say("请写市民问的是什么。", "Write what was asked."))]  # fmt: skip
    matter: Annotated[str, label("事项", "Matter", most=40)] = ""
    county: Annotated[str, label("区县", "District", most=20)] = ""
    words: Annotated[str, label("还想说的", "More", most=300)] = ""


class Draft(msgspec.Struct, kw_only=True):
    """起草."""

    answer: Annotated[str, label("答复的话", "The answer", most=5000)] = ""


class Give(msgspec.Struct, kw_only=True):
    """改由谁补."""

    owner: Annotated[str, label("由哪个单位补", "Which unit fills it", most=40,
                                missing=Say("请选单位。", "Choose the unit."))]  # fmt: skip


class Refuse(msgspec.Struct, kw_only=True):
    """不补."""

    reason: Annotated[str, label("为什么不补", "Why it is not filled", most=300, missing=_REASON)]


class Settle(msgspec.Struct, kw_only=True):
    """已有答案."""

    reason: Annotated[str, label("哪一篇已经答了", "Which article answers it", most=300,
                                 missing=Say("请写哪一篇已经答了。", "Say which article answers it."))]  # fmt: skip
