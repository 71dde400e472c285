"""What the forms of the inspections ask for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from hotline.errors import Say
from web.forms import label

_REASON = Say("请写明理由。", "Give the reason.")


class Draw(msgspec.Struct, kw_only=True):
    """抽样: whom, how many; the seed is nobody's to choose."""

    kind: Annotated[Literal["visits", "cases"], label("抽什么", "What is sampled")]
    since: Annotated[date, label("从哪天", "First day")]
    until: Annotated[date, label("到哪天", "Last day")]
    wanted: Annotated[Literal["count", "share"], label("按什么抽", "Counted by")]
    amount: Annotated[float, label("抽多少", "How many", least=0.01, most=5000)]
    strata: Annotated[Literal["none", "caller", "unit"], label("分层", "Strata")] = "none"
    unit: Annotated[str, label("承办单位", "Unit", most=40)] = ""
    caller: Annotated[UUID | None, label("回访员", "Caller")] = None
    matter: Annotated[str, label("事项编码开头", "Matter code begins with", most=6, pattern=r"\d{2,6}|",
                                 wrong=Say("写 2 至 6 位数字。", "2 to 6 digits."))] = ""  # fmt: skip
    outcome: Annotated[str, label("结果", "Outcome", most=20)] = ""
    plan: UUID | None = None

    def check(self) -> dict[str, Say]:
        """A share is of a hundred; closed cases have no callers."""
        wrong: dict[str, Say] = {}
        if self.wanted == "share" and self.amount > 100:
            wrong["amount"] = Say("百分比不能超过 100。", "A share is at most 100 %.")
        if self.wanted == "count" and self.amount != int(self.amount):
            wrong["amount"] = Say("件数请写整数。", "Enter a whole number of items.")
        if self.kind == "cases" and self.strata == "caller":
            wrong["strata"] = Say("结案抽查请按单位分层。", "Closed cases are stratified by unit.")
        return wrong


class Recheck(msgspec.Struct, kw_only=True):
    """The script, answered by the second person."""

    outcome: Annotated[Literal["reached", "heard", "unreached"], label("怎么复核的", "How it was re-checked")]
    was_contacted: Annotated[bool | None, label("承办单位联系过您吗？", "Was the unit in touch?")] = None
    is_solved: Annotated[bool | None, label("问题解决了吗？", "Is it solved?")] = None
    is_truthful: Annotated[bool | None, label("答复说的属实吗？", "Is what the reply says true?")] = None
    grade: Annotated[str, label("满意吗？", "How satisfied?", most=30)] = ""
    note: Annotated[str, label("复核记录", "Notes", most=2000)] = ""

    def check(self) -> dict[str, Say]:
        """All three questions once there is an answer."""
        if self.outcome == "unreached":
            return {}
        names = ("was_contacted", "is_solved", "is_truthful")
        return {name: Say("请选是或否。", "Choose yes or no.") for name in names if getattr(self, name) is None}


class Find(msgspec.Struct, kw_only=True):
    """A finding and what follows from it."""

    whose: Annotated[Literal["caller", "unit"], label("是谁的问题", "Whose finding")]
    what: Annotated[str, label("哪一种问题", "Kind", most=40, missing=Say("请选是哪一种。", "Choose the kind."))]
    words: Annotated[str, label("具体情况", "What was found", most=2000,
                                missing=Say("请写具体情况，不写姓名电话。", "Say what was found, without names."))]
    reopen: Annotated[bool, label("案件重新办理", "Open the case again")] = False
    annul: Annotated[bool, label("评价作废", "Annul the rating")] = False


class Answer(msgspec.Struct, kw_only=True):
    """整改回复, or 申诉."""

    words: Annotated[str, label("内容", "Words", most=2000, missing=Say("请写内容。", "Write it."))]


class Verify(msgspec.Struct, kw_only=True):
    """核实."""

    is_right: Annotated[bool | None, label("整改到位了吗？", "Is it put right?")] = None
    note: Annotated[str, label("核实情况", "What was verified", most=1000)] = ""

    def check(self) -> dict[str, Say]:
        """Yes or no."""
        return {"is_right": Say("请选是或否。", "Choose yes or no.")} if self.is_right is None else {}


class Appeal(msgspec.Struct, kw_only=True):
    """裁定申诉."""

    decision: Annotated[Literal["uphold", "dismiss"], label("裁定", "Decision")]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=_REASON)]


class Nothing(msgspec.Struct, kw_only=True):
    """An act that asks nothing."""


class Plan(msgspec.Struct, kw_only=True):
    """督查计划."""

    purpose: Annotated[str, label("目的", "Purpose", most=500, missing=Say("请写督查目的。", "Say what it is for."))]
    method: Annotated[Literal["cases", "mystery", "site"], label("方式", "Method")]
    starts: Annotated[date, label("从哪天", "First day")]
    ends: Annotated[date, label("到哪天", "Last day")]
    units: Annotated[list[str], label("督查哪些单位", "Units", least=1,
                                      missing=Say("请选督查哪些单位。", "Choose the units."))]  # fmt: skip
    inspectors: Annotated[list[UUID], label("督查人员", "Inspectors", least=1,
                                            missing=Say("请选督查人员。", "Choose the inspectors."))]  # fmt: skip


class End(msgspec.Struct, kw_only=True):
    """结束督查."""

    summary: Annotated[str, label("督查小结", "Summary", most=5000,
                                  missing=Say("请写督查小结。", "Write the summary."))]  # fmt: skip


class Script(msgspec.Struct, kw_only=True):
    """A mystery test's script."""

    unit: Annotated[str, label("测试哪个单位", "Which unit", most=40)]
    way: Annotated[Literal["phone", "counter", "web", "wechat"], label("途径", "By")]
    target: Annotated[str, label("号码、窗口或网址", "Number, counter or address", most=200)] = ""
    question: Annotated[str, label("问什么、办什么", "Question or errand", most=1000,
                                   missing=Say("请写问什么、办什么。", "Write the question or errand."))]  # fmt: skip
    expected: Annotated[str, label("应当怎样答、怎样办", "Expected answer", most=1000,
                                   missing=Say("请先写应有的答案，测后不能再改。", "Write the expected answer first."))]


class Result(msgspec.Struct, kw_only=True):
    """What came of a mystery test."""

    verdict: Annotated[Literal["right", "partly", "wrong", "no_answer"], label("结果", "Result")]
    wait_seconds: Annotated[int | None, label("等候秒数", "Seconds waited", least=0, most=86400)] = None
    talk_seconds: Annotated[int | None, label("通话、办理秒数", "Seconds served", least=0, most=86400)] = None
    answer: Annotated[str, label("实际怎样答、怎样办的", "What was answered", most=2000,
                                 missing=Say("请写实际情况。", "Write what happened."))]  # fmt: skip
    case: Annotated[str, label("形成的案件编号", "Case that came of it", most=40)] = ""


class Note(msgspec.Struct, kw_only=True):
    """A finding of a plan: against a unit, on a case and a test when there are such."""

    unit: Annotated[str, label("哪个单位", "Which unit", most=40, missing=Say("请选单位。", "Choose the unit."))]
    what: Annotated[str, label("哪一种问题", "Kind", most=40, missing=Say("请选是哪一种。", "Choose the kind."))]
    words: Annotated[str, label("具体情况", "What was found", most=2000,
                                missing=Say("请写具体情况，不写姓名电话。", "Say what was found, without names."))]
    case: Annotated[str, label("有关案件编号", "Case concerned", most=40)] = ""
    test: UUID | None = None


class Check(msgspec.Struct, kw_only=True):
    """撤单核查: what the requester says on the telephone."""

    outcome: Annotated[Literal["reached", "unreached"], label("打通了吗", "Reached?")]
    by_unit: Annotated[bool | None, label("是承办单位要您撤的吗？", "Did the unit ask you to withdraw?")] = None
    is_solved: Annotated[bool | None, label("问题解决了吗？", "Is it solved?")] = None
    is_free: Annotated[bool | None, label("是您自己愿意撤的吗？", "Is it of your own will?")] = None
    ledger: Annotated[str, label("记入哪本台账", "Ledger", most=20)] = ""
    said: Annotated[str, label("诉求人的话", "In their words", most=1000)] = ""
    seq: int | None = None

    def check(self) -> dict[str, Say]:
        """All three questions once somebody answered; what is not let go needs its ledger."""
        if self.outcome == "unreached":
            return {}
        names = ("by_unit", "is_solved", "is_free")
        wrong = {name: Say("请选是或否。", "Choose yes or no.") for name in names if getattr(self, name) is None}
        if not wrong and not self.is_let_go and self.ledger not in ("unsolved", "planned"):
            wrong["ledger"] = Say("不予撤单的，请选记入哪本台账。", "What is not let go goes on a ledger: choose it.")
        return wrong

    @property
    def is_let_go(self) -> bool:
        """Of their own will, and no unit asked for it."""
        return bool(self.is_free) and not self.by_unit


class Strike(msgspec.Struct, kw_only=True):
    """销账."""

    reason: Annotated[str, label("怎么了结的", "How it was settled", most=500, missing=_REASON)]
    seq: int | None = None
