"""What each act on a case asks for: one struct a form, named as the verbs name things."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from cases.states import TEXTS
from cases.states_visit import CAUSES
from hotline.errors import Say
from web.forms import label

LONG = 5000
CONTACT_WAYS = {
    "phone": Say("电话", "by telephone"),
    "visit": Say("上门", "in person"),
    "hotline": Say("经热线转接", "through the hotline"),
}
OUTCOMES = {
    "reached": Say("接通", "Reached"),
    "unreached": Say("没接通", "Not reached"),
    "later": Say("约时间再打", "Call again later"),
    "refused": Say("拒访", "Did not want to talk"),
}
DECISIONS = {"approve": Say("同意退回", "Approve"), "refuse": Say("不同意", "Refuse")}
NAMES_UNIT = frozenset({"function", "place", "overlap"})
"""Grounds for returning that say that another unit should have it."""
AUDITS = {"approve": Say("通过", "Approve"), "send_back": Say("退回修改", "Send back")}
PURPOSES = {
    "contact": Say("办理联系", "To contact them"),
    "check": Say("核对", "To check identity or number"),
    "other": Say("其他（写明）", "Other (say what)"),
}
ERASE_RULES = {
    "retention": Say("保存期满", "Retention period is over"),
    "request": Say("本人要求删除", "The person asked for it"),
}
ORDER_RULES = {
    "instruction": Say("领导批示", "A leader's instruction"),
    "repeat": Say("多次催办未办", "Reminded and still not done"),
    "risk": Say("有风险", "Risk"),
    "unsolved": Say("虚假办结、未解决", "Reported done but not solved"),
}


class Ask(msgspec.Struct, kw_only=True):
    """Every act: which state of the case the page showed, and where the browser goes afterwards."""

    seq: int | None = None
    back: str = ""


class Plain(Ask, kw_only=True):
    """An act that asks nothing more."""


class Accept(Ask, kw_only=True):
    """受理."""

    matter: Annotated[str, label("事项", "Matter", most=20, missing=Say("请选一个事项。", "Choose a matter."))]
    county: Annotated[str, label("区县", "District", most=20)] = ""
    township: Annotated[str, label("乡镇街道", "Subdistrict", most=20)] = ""
    place: Annotated[str, label("具体地点", "Place", most=200)] = ""
    no_place: Annotated[str, label("地点不详的原因", "Why the place is unknown", most=100)] = ""
    urgency: Annotated[Literal["normal", "urgent", "critical"], label("紧急", "Urgency")] = "normal"
    title: Annotated[str, label("标题", "Title", most=60)] = ""
    summary: Annotated[str, label("给承办单位看的转述", "Summary for the unit", most=2000)] = ""
    unit: Annotated[str, label("直接派给", "Dispatch to", most=20)] = ""


class Answer(Ask, kw_only=True):
    """直接答复."""

    reply: Annotated[str, label("答复市民", "Reply to the requester", most=2000, missing=TEXTS["reply"])]


class Transfer(Ask, kw_only=True):
    """转接."""

    target: Annotated[
        str, label("转到", "Transfer to", most=40, missing=Say("请写明转到哪里。", "Say where it is transferred to."))
    ]
    reference: Annotated[str, label("对方编号", "Their reference", most=60)] = ""
    reply: Annotated[str, label("对诉求人说的话", "What the requester is told", most=500)] = ""


class Decline(Ask, kw_only=True):
    """不予受理."""

    reason: Annotated[
        str, label("理由", "Reason", missing=Say("请选不予受理的理由。", "Choose the reason for declining."))
    ]
    channel: Annotated[str, label("该走的途径", "The right channel", most=200, missing=TEXTS["channel"])]
    reply: Annotated[str, label("对诉求人说的话", "What the requester is told", most=1000, missing=TEXTS["reply"])]


class Dispatch(Ask, kw_only=True):
    """派单."""

    unit: Annotated[str, label("承办单位", "Unit", most=20, missing=Say("请选承办单位。", "Choose a unit."))]
    reason: Annotated[str, label("派单说明", "Note to the unit", most=500)] = ""
    matter: Annotated[str, label("改事项", "Correct the matter", most=20)] = ""
    law: Annotated[str, label("适用法定期限", "Statutory limit", most=20)] = ""


class Recall(Ask, kw_only=True):
    """改派."""

    assignment: Annotated[UUID, label("从哪个单位收回", "Take it back from")]
    reason: Annotated[str, label("改派理由", "Reason", most=500, missing=TEXTS["reason"])]
    unit: Annotated[str, label("改派给", "Give it to", most=20)] = ""


class CoHandler(Ask, kw_only=True):
    """加派."""

    unit: Annotated[str, label("协办单位", "Co-handler", most=20, missing=Say("请选协办单位。", "Choose a unit."))]
    reason: Annotated[str, label("请它办什么", "What it is to do", most=500)] = ""


class ReturnDecision(Ask, kw_only=True):
    """裁定退回."""

    assignment: Annotated[UUID, label("单位", "Unit")]
    decision: Annotated[Literal["approve", "refuse"], label("裁定", "Decision")]
    reason: Annotated[str, label("理由", "Reason", most=500)] = ""
    is_groundless: Annotated[bool, label("理由不成立，记推诿", "Groundless: record as buck-passing")] = False
    unit: Annotated[str, label("同意后派给", "If approved, give it to", most=20)] = ""


class Contact(Ask, kw_only=True):
    """首次联系."""

    way: Annotated[Literal["phone", "visit", "hotline"], label("怎么联系的", "How")] = "phone"
    said: Annotated[str, label("联系情况", "What was said", most=2000)] = ""


class Result(Ask, kw_only=True):
    """提交办结: two answers, never one."""

    result: Annotated[str, label("办理结果", "Result", missing=Say("请选办理结果。", "Choose the result."))]
    note: Annotated[str, label("内部办理情况", "Internal handling note", most=LONG, missing=TEXTS["note"])]
    reply: Annotated[str, label("答复市民", "Reply to the requester", most=2000, missing=TEXTS["reply"])]
    is_substantiated: Annotated[bool | None, label("诉求属实吗", "Is it substantiated?")]
    has_contacted: Annotated[bool | None, label("联系过诉求人吗", "Was the requester contacted?")]
    is_solved: Annotated[bool | None, label("解决了吗", "Is it solved?")]
    is_beyond_remit: Annotated[bool | None, label("超出职责吗", "Is it beyond your remit?")] = None
    reason: Annotated[str, label("未采纳的理由", "Why it was not adopted", most=1000)] = ""
    is_checked: Annotated[bool, label("我看过了，答复就这样发", "I have looked; send the reply as it is")] = False


class Return(Ask, kw_only=True):
    """申请退回."""

    ground: Annotated[
        str, label("退回的理由", "Ground", missing=Say("请选退回的理由。", "Choose the ground for returning."))
    ]
    basis: Annotated[str, label("依据哪条规定", "The rule it rests on", most=1000, missing=TEXTS["basis"])]
    suggested: Annotated[str, label("建议派给", "Suggested unit", most=20)] = ""

    def check(self) -> dict[str, Say]:
        """Whoever says that it belongs elsewhere says where; only who owns it may be unknown (domain.md 2.3)."""
        if self.suggested or self.ground not in NAMES_UNIT:
            return {}
        return {
            "suggested": Say(
                "请选建议派给的单位；权属不清的才可以选“不知道”。",
                "Choose the unit it belongs to; “not known” is for unclear ownership.",
            )
        }


class OrderReply(Ask, kw_only=True):
    """回复督办单."""

    order: Annotated[str, label("督办单", "Supervision order", most=60)]
    reply: Annotated[
        str,
        label(
            "督办回复",
            "Answer to the order",
            most=2000,
            missing=Say("请写明原因和措施。", "Write the cause and what is done."),
        ),
    ]


class Audit(Ask, kw_only=True):
    """审核."""

    decision: Annotated[Literal["approve", "send_back"], label("审核意见", "Decision")]
    assignment: Annotated[UUID | None, label("退给", "Send back to")] = None
    reason: Annotated[str, label("要改什么", "What is to be changed", most=1000)] = ""

    def check(self) -> dict[str, Say]:
        """Sending back needs its reason."""
        return {} if self.decision == "approve" or self.reason else {"reason": TEXTS["reason"]}


class Visit(Ask, kw_only=True):
    """记录回访."""

    request: Annotated[UUID, label("诉求", "Request")]
    outcome: Annotated[Literal["reached", "unreached", "later", "refused"], label("接通了吗", "Reached?")]
    was_contacted: Annotated[bool | None, label("联系过吗", "Were you contacted?")] = None
    is_solved: Annotated[bool | None, label("解决了吗", "Is it solved?")] = None
    is_truthful: Annotated[bool | None, label("答复属实吗", "Is the reply true?")] = None
    grade: Annotated[str, label("满意吗", "How satisfied?")] = ""
    cause: Annotated[str, label("不满意在哪里", "Why dissatisfied")] = ""
    said: Annotated[str, label("诉求人的话", "What they said", most=2000)] = ""
    next_at: Annotated[datetime | None, label("下次回访", "Next try")] = None

    def check(self) -> dict[str, Say]:
        """Whoever was reached was asked."""
        if self.outcome != "reached":
            return {}
        asked = {"was_contacted": self.was_contacted, "is_solved": self.is_solved, "is_truthful": self.is_truthful}
        wrong = {
            name: Say("接通了就要问这一项。", "This is asked when somebody was reached.")
            for name, said in asked.items()
            if said is None
        }
        if (self.grade == "dissatisfied" and not self.cause) or (self.cause and self.cause not in CAUSES):
            wrong["cause"] = Say("请选不满意的原因。", "Choose why they are dissatisfied.")
        return wrong


class Rework(Ask, kw_only=True):
    """重办."""

    request: Annotated[UUID, label("哪个诉求没解决", "Which request is unsolved")]
    assignment: Annotated[UUID, label("退给", "Back to")]
    reason: Annotated[str, label("哪里没办好", "What was not done", most=1000, missing=TEXTS["reason"])]


class Close(Ask, kw_only=True):
    """结案."""

    reason: Annotated[str, label("结案原因", "Closing reason")] = ""


class Words(Ask, kw_only=True):
    """补充, by the agent for the requester."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    words: Annotated[str, label("补充的话", "Further words", most=LONG, missing=TEXTS["words"])]


class Urge(Ask, kw_only=True):
    """催办, by the requester."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]


class Withdraw(Ask, kw_only=True):
    """撤单."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    words: Annotated[str, label("为什么撤", "Why", most=500)] = ""


class Remind(Ask, kw_only=True):
    """催办, by the centre."""

    assignment: Annotated[UUID, label("催哪个单位", "Which unit")]
    words: Annotated[
        str, label("催办的话", "The reminder", most=500, missing=Say("还没写催办的话。", "Write the reminder."))
    ]


class Order(Ask, kw_only=True):
    """督办."""

    assignment: Annotated[UUID, label("督办哪个单位", "Which unit")]
    rule: Annotated[str, label("督办事由", "Ground", missing=Say("请选督办事由。", "Choose the ground."))]


class Erase(Ask, kw_only=True):
    """按规定删除个人信息."""

    rule: Annotated[str, label("依据", "Rule", missing=Say("请选依据。", "Choose the rule."))]
    is_sure: Annotated[bool, label("删除后不能恢复，确定删除", "It cannot be undone; erase")] = False

    def check(self) -> dict[str, Say]:
        """It cannot be undone."""
        return {} if self.is_sure else {"is_sure": Say("请勾选确认。", "Tick to confirm.")}


class Disclosure(Ask, kw_only=True):
    """查看诉求人."""

    request: Annotated[UUID, label("诉求", "Request")]
    purpose: Annotated[Literal["contact", "check", "other"], label("为什么要看", "Why")]
    words: Annotated[str, label("写明原因", "Say why", most=100)] = ""

    def check(self) -> dict[str, Say]:
        """Whoever chooses “other” says what."""
        is_silent = self.purpose == "other" and not self.words
        return {"words": Say("请写明原因。", "Give the reason.")} if is_silent else {}
