"""What people fill in about a request for data."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from hotline import clock
from hotline.errors import Say
from web.forms import label


class Ask(msgspec.Struct):
    """A new request."""

    purpose: Annotated[str, label("用来做什么", "Purpose", least=4, most=1000)]
    legal_basis: Annotated[str, label("依据", "Legal basis", least=4, most=500)]
    fields: Annotated[str, label("要哪些数据项", "Data fields", least=2, most=2000)]
    period_from: Annotated[date, label("数据从哪天", "Data from")]
    period_to: Annotated[date, label("到哪天", "To")]
    recipient: Annotated[str, label("谁来用", "Recipient", least=2, most=300)]
    retention: Annotated[str, label("保存多久、怎么销毁", "Kept how long, destroyed how", least=2, most=300)]
    partner: Annotated[str, label("替哪个对接单位申请", "On behalf of which partner", most=100)] = ""

    def check(self) -> dict[str, Say]:
        """The days in order."""
        if self.period_to < self.period_from:
            return {"period_to": Say("结束日不能早于开始日。", "The period ends before it begins.")}
        return {}


class Refuse(msgspec.Struct):
    """A refusal."""

    reason: Annotated[
        str,
        label("不提供的理由", "Reason for refusing", least=4, most=1000,
              missing=Say("不提供要写明理由，申请方会看到。", "A refusal gives its reason; the asker reads it.")),
    ]  # fmt: skip


class Supply(msgspec.Struct):
    """What is supplied: a file, or a note where the data were handed over."""

    is_deidentified: Annotated[
        bool, label("已去掉姓名、号码、住址等能认出人的内容", "Nothing in it tells who somebody is")
    ] = False
    expires: Annotated[date | None, label("文件保留到哪天", "File kept until")] = None
    note: Annotated[str, label("或在何处、以何方式交接", "Or where and how it was handed over", most=1000)] = ""

    def check(self) -> dict[str, Say]:
        """A day to come."""
        if self.expires is not None and self.expires <= clock.today():
            return {"expires": Say("要写以后的日子。", "Choose a day to come.")}
        return {}


class Answer(msgspec.Struct):
    """Why a stage was late."""

    answer: Annotated[str, label("超期原因和后面怎么办", "Why it is late and what comes next", least=4, most=1000)]
