"""What the ladder's forms ask for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from hotline.errors import Say
from web.forms import label

REASON = Say("请写明理由。", "Give the reason.")
GROUND = Say("请写明事由。", "Give the ground.")


class Give(msgspec.Struct, kw_only=True):
    """A card by hand: to whose share, and why."""

    assignment: Annotated[UUID, label("给哪个单位", "To which unit")]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=REASON)]
    seq: int | None = None


class GiveOrder(Give, kw_only=True):
    """An order: its ground, and who supervises it too."""

    ground: Annotated[str, label("督办事由", "Ground", most=40, missing=Say("请选督办事由。", "Choose the ground."))]
    bodies: Annotated[tuple[str, ...], label("联合督办单位", "Joint supervision with", most=8)] = ()


class Cancel(msgspec.Struct, kw_only=True):
    """Why a card is taken back."""

    reason: Annotated[str, label("取消的理由", "Why it is cancelled", most=1000, missing=REASON)]


class Review(msgspec.Struct, kw_only=True):
    """审核回复: accepted or sent back, with the reason, and for how many working days."""

    outcome: Annotated[str, label("审核结果", "Outcome", missing=Say("请选通过或退回。", "Accept or send back."))]
    reason: Annotated[str, label("审核意见", "Reason", most=1000, missing=REASON)]
    days: Annotated[int, label("退回后几个工作日内重新回复", "Working days to answer anew", least=1, most=60)] = 3


class Join(msgspec.Struct, kw_only=True):
    """联合督办."""

    bodies: Annotated[
        tuple[str, ...],
        label(
            "联合督办单位",
            "Joint supervision with",
            least=1,
            most=8,
            missing=Say("请选要一起督办的单位。", "Choose who supervises it too."),
        ),
    ]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=REASON)]


class Words(msgspec.Struct, kw_only=True):
    """A step that needs words only."""

    words: Annotated[str, label("说明", "Words", most=2000, missing=REASON)]


class NewPaper(msgspec.Struct, kw_only=True):
    """A bulletin, an interview or an accountability record by hand."""

    rule: Annotated[
        str, label("依据的规则", "Rule it rests on", most=60, missing=Say("请选规则。", "Choose the rule."))
    ]
    unit: Annotated[str, label("单位", "Unit", most=20, missing=Say("请选单位。", "Choose the unit."))]
    ground: Annotated[str, label("事由", "Ground", most=2000, missing=GROUND)]
    words: Annotated[str, label("通报内容", "Text of the bulletin", most=5000)] = ""
    person: Annotated[str, label("责任人姓名", "Name of the person", most=40)] = ""
    post: Annotated[str, label("职务", "Post", most=60)] = ""
    case: Annotated[str, label("案件编号", "Case number", most=40)] = ""


class Approve(msgspec.Struct, kw_only=True):
    """批准发出."""

    words: Annotated[
        str,
        label(
            "通报内容",
            "Text of the bulletin",
            most=5000,
            missing=Say("还没写通报的内容。", "Write the text of the bulletin."),
        ),
    ]
    days: Annotated[int, label("几个工作日内整改", "Working days to correct", least=1, most=60)] = 10


class Call(msgspec.Struct, kw_only=True):
    """约谈通知."""

    person: Annotated[str, label("被约谈人姓名", "Who is interviewed", most=40)]
    post: Annotated[str, label("职务", "Post", most=60)]
    planned: Annotated[datetime, label("约谈时间", "When")]
    place: Annotated[str, label("地点", "Where", most=100)]
    interviewer: Annotated[str, label("约谈人（姓名、职务）", "Held by (name and post)", most=100)]


class Hold(msgspec.Struct, kw_only=True):
    """约谈记录."""

    held: Annotated[datetime, label("实际约谈时间", "Held at")]
    record: Annotated[str, label("谈话记录", "Record", most=10000)]
    undertaking: Annotated[str, label("整改承诺", "Undertaking", most=3000)]
    due: Annotated[date, label("承诺完成日期", "To be done by")]


class Verify(msgspec.Struct, kw_only=True):
    """核查."""

    outcome: Annotated[str, label("核查结果", "Outcome", missing=Say("请选合格或退回。", "Choose the outcome."))]
    words: Annotated[str, label("核查意见", "What was found", most=2000, missing=REASON)]
    days: Annotated[int, label("退回后几个工作日内完成", "Working days more", least=1, most=60)] = 3


class Decide(msgspec.Struct, kw_only=True):
    """问责决定."""

    decision: Annotated[str, label("问责方式", "Measure", most=500)]
    by: Annotated[str, label("决定机关（人）", "Decided by", most=100)]
    person: Annotated[str, label("责任人姓名", "Name of the person", most=40)] = ""
    post: Annotated[str, label("职务", "Post", most=60)] = ""


class Hand(msgspec.Struct, kw_only=True):
    """移交."""

    to: Annotated[str, label("移交给", "Handed to", most=20)]
    words: Annotated[str, label("线索", "The lead", most=3000)]


class Edit(msgspec.Struct, kw_only=True):
    """A rule's new version."""

    subject: Annotated[str, label("对象", "Subject", most=20)]
    issued_by: Annotated[str, label("由谁作出", "Issued by", most=20)]
    points: Annotated[int, label("扣分", "Points", least=0, most=100)] = 0
    amount: Annotated[int | None, label("界限", "Threshold", least=1, most=365)] = None
    ground_zh: Annotated[str, label("依据的规定或法律", "Rule or law it rests on (Chinese)", most=500)]
    ground_en: Annotated[str, label("依据（英文）", "The same in English", most=500)]
    is_on: Annotated[bool, label("启用", "In use")] = False


class Report(msgspec.Struct, kw_only=True):
    """书面报告."""

    report: Annotated[str, label("书面报告", "Report", most=5000, missing=Say("还没写报告。", "Write the report."))]
