"""What people fill in about a bulletin."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from hotline.errors import Say
from sla.bulletin_contents import Words
from sla.bulletin_periods import FREE
from web.forms import label

_REASON = Say("请写明理由。", "Give the reason.")


class Make(msgspec.Struct, kw_only=True):
    """A new draft. Its days follow from any day of it; a special report and an inspection bulletin name theirs."""

    kind: Annotated[
        Literal["daily", "weekly", "monthly", "quarterly", "yearly", "special", "inspection"], label("种类", "Kind")
    ]
    audience: Annotated[Literal["internal", "public"], label("给谁看", "For whom")]
    first: Annotated[date, label("期间里的哪天，或从哪天", "A day of the period, or its first")]
    last: Annotated[date | None, label("到哪天（专报、督查通报）", "Last day (special, inspection)")] = None
    matter: Annotated[str, label("事项编码或开头（专报）", "Matter code, or its start", most=6,
                                 pattern=r"\d{2,6}|", wrong=Say("写 2 至 6 位数字。", "2 to 6 digits."))] = ""
    county: Annotated[str, label("区县（专报）", "District (special)", most=20)] = ""
    township: Annotated[str, label("街道乡镇编码（专报）", "Subdistrict's code (special)", most=12)] = ""
    is_enterprise: Annotated[bool, label("只看企业诉求（专报）", "Enterprises' requests only (special)")] = False
    cluster: UUID | None = None

    def check(self) -> dict[str, Say]:
        """Free kinds need both days."""
        if self.kind in FREE and self.last is None:
            return {"last": Say("专报和督查通报要写到哪天。", "These kinds need a last day.")}
        return {}


class Edit(msgspec.Struct, kw_only=True):
    """The editor's own words; the figures are not theirs to write."""

    introduction: Annotated[str, label("编者按", "Introduction", most=4000)] = ""
    introduction_en: Annotated[str, label("编者按（英文）", "Introduction in English", most=6000)] = ""
    cases: Annotated[str, label("典型案例和结果", "Typical cases and what came of them", most=4000)] = ""
    cases_en: Annotated[str, label("典型案例和结果（英文）", "Typical cases in English", most=6000)] = ""
    comments: Annotated[str, label("工作要求、对策建议", "What is asked, recommendations", most=4000)] = ""
    comments_en: Annotated[str, label("工作要求、对策建议（英文）", "The same in English", most=6000)] = ""
    cited: Annotated[str, label("写到的案件编号", "Numbers of the cases told of", most=300)] = ""
    recipients: Annotated[list[str], label("发给哪些单位", "Sent to")] = []
    revision: int = 0

    @property
    def words(self) -> Words:
        """The words alone."""
        return Words(**{name: getattr(self, name) for name in Words.__struct_fields__})

    @property
    def numbers(self) -> list[str]:
        """The cited numbers, whatever stands between them."""
        return self.cited.replace("，", " ").replace("、", " ").replace(",", " ").split()

    def check(self) -> dict[str, Say]:
        """Not too many cases."""
        if len(self.numbers) > 10:
            return {"cited": Say("最多写 10 件。", "Ten cases at most.")}
        return {}


class Step(msgspec.Struct, kw_only=True):
    """A button only, pressed on a page that showed ``revision``."""

    revision: int = 0


class Reasoned(msgspec.Struct, kw_only=True):
    """A step with its reason."""

    reason: Annotated[str, label("理由", "Reason", most=1000, missing=_REASON)]
    revision: int = 0


class Keep(msgspec.Struct, kw_only=True):
    """Keep what the gate found."""

    digest: Annotated[str, label("哪一处", "Which find", pattern=r"[0-9a-f]{16,128}")]
    reason: Annotated[str, label("保留的理由", "Why it stays", most=500, missing=_REASON)]
    revision: int = 0


class Erratum(msgspec.Struct, kw_only=True):
    """更正."""

    reason: Annotated[str, label("更正什么", "What is corrected", most=1000,
                                 missing=Say("请写更正什么，会印出来。", "Say what is corrected; it is printed."))]
