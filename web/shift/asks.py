"""What the forms of a shift ask for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from channels.surge import GREETING
from hotline.errors import Say
from web.forms import label

_REASON = Say("请写理由。", "Give the reason.")


class Handover(msgspec.Struct, kw_only=True):
    """交班."""

    items: Annotated[str, label("没办完的，一行一条", "What is open, a line each", most=8000)] = ""
    watch: Annotated[str, label("要注意的", "What to watch", most=2000)] = ""
    carried: Annotated[list[UUID], label("转到下一班", "Carried on")] = []


class Propose(msgspec.Struct, kw_only=True):
    """提请拒接."""

    call: UUID
    ground: Annotated[Literal["repeated", "abuse", "silent", "threat"], label("理由", "Ground")]
    calls: Annotated[list[UUID], label("依据的来电", "Calls as evidence")] = []
    words: Annotated[str, label("具体情况", "What happened", most=1000,
                                missing=Say("请写具体情况，不写姓名电话。", "Say what happened, without names."))]
    is_persuaded: Annotated[bool, label("已经劝导过，对方仍然继续", "Persuaded, and they went on")] = False


class Decide(msgspec.Struct, kw_only=True):
    """决定拒接."""

    decision: Annotated[Literal["refuse", "decline"], label("决定", "Decision")]
    days: Annotated[int, label("拒接几天", "For how many days")] = 0
    review_on: Annotated[date | None, label("复核日期", "Review on")] = None
    is_police_told: Annotated[bool, label("已报警（威胁、恐吓应报警）", "The police were told (for threats)")] = False
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=_REASON)]


class Reason(msgspec.Struct, kw_only=True):
    """A reason and nothing else: to lift, to extend, to switch off."""

    reason: Annotated[str, label("理由", "Reason", most=1000, missing=_REASON)]


class Review(msgspec.Struct, kw_only=True):
    """复核后维持."""

    review_on: Annotated[date, label("下次复核", "Next review")]


class Appeal(msgspec.Struct, kw_only=True):
    """记意见."""

    phone: Annotated[str, label("被拒接的号码", "The number that is refused", most=20,
                                missing=Say("请写号码。", "Enter the number."))]
    way: Annotated[Literal["counter", "letter", "other"], label("从哪里来", "By which way")]
    words: Annotated[str, label("意见", "The objection", most=2000, missing=Say("请写意见内容。", "Enter it."))]


class Verdict(msgspec.Struct, kw_only=True):
    """处理意见."""

    outcome: Annotated[Literal["upheld", "dismissed"], label("意见成立吗？", "Is the objection right?")]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=_REASON)]


class Surge(msgspec.Struct, kw_only=True):
    """高峰模式."""

    why: Annotated[str, label("原因", "Why", most=20, missing=Say("请选原因。", "Choose why."))]
    words: Annotated[str, label("具体情况", "What happens", most=300,
                                missing=Say("请写具体情况。", "Say what happens."))]
    hours: Annotated[float, label("开几小时", "For how many hours", least=0.5)]
    greeting_zh: Annotated[str, label("播报和公告（中文）", "Announcement, Chinese", most=200)] = GREETING.zh
    greeting_en: Annotated[str, label("播报和公告（英文）", "Announcement, English", most=400)] = GREETING.en
    lines: Annotated[str, label("简短登记的线路", "Lines logged briefly", most=200)] = ""
    matters: Annotated[str, label("简短登记的事项", "Matters logged briefly", most=200)] = ""
    script_zh: Annotated[str, label("简短登记时怎么说", "What is said then, Chinese", most=300)] = ""
    script_en: Annotated[str, label("简短登记时怎么说（英文）", "What is said then, English", most=500)] = ""


class More(msgspec.Struct, kw_only=True):
    """延长."""

    more: Annotated[float, label("从现在起再开几小时", "Hours more from now", least=0.5)]
