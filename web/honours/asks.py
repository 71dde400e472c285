"""What the forms of the honour list ask for."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hotline.errors import Say
from web.forms import label


class Propose(msgspec.Struct, kw_only=True):
    """提名."""

    candidate: Annotated[str, label("哪个单位", "Which unit", most=60)]
    sentence_zh: Annotated[str, label("上榜说明（中文）", "Sentence in Chinese", least=4, most=200,
                                      missing=Say("请写一句说明。", "Write the sentence."))]  # fmt: skip
    sentence_en: Annotated[str, label("上榜说明（英文）", "Sentence in English", least=4, most=400,
                                      missing=Say("请写一句英文说明。", "Write the sentence in English."))]


class Nothing(msgspec.Struct, kw_only=True):
    """An act that asks nothing."""


class Withdraw(msgspec.Struct, kw_only=True):
    """撤下."""

    reason: Annotated[str, label("撤下的理由", "Why it is taken down", least=2, most=200,
                                 missing=Say("请写撤下的理由。", "Say why it is taken down."))]  # fmt: skip
