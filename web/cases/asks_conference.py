"""What the acts of conferences and joint site visits on a case ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

CALLS = {
    "unclear": Say("职责不清", "Responsibility is unclear"),
    "overlap": Say("职能交叉", "Functions overlap"),
    "objection": Say("单位有异议", "A unit objects"),
    "by_hand": Say("其他（写明）", "Other (say what)"),
}
_WHEN = Say("请选上门的日期和时间。", "Choose the day and time of the visit.")
_TIME = Say("请写结束的时间，如 10:30。", "Give the time it ends, such as 10:30.")


class Call(Ask, kw_only=True):
    """提请会商."""

    cause: Annotated[Literal["unclear", "overlap", "objection", "by_hand"], label("原因", "Why")]
    reason: Annotated[str, label("争议的问题", "What is in dispute", most=500)] = ""


class CallWithdraw(Ask, kw_only=True):
    """撤回会商."""

    reason: Annotated[str, label("撤回的理由", "Why it is withdrawn", most=500, missing=TEXTS["reason"])]


class SitePlan(Ask, kw_only=True):
    """约定联合上门: one slot, on one day."""

    starts: Annotated[datetime, label("开始", "From", missing=_WHEN)]
    ends: Annotated[str, label("结束", "To", pattern=r"([01]?\d|2[0-3]):[0-5]\d", missing=_TIME, wrong=_TIME)]
    spot: Annotated[str, label("在哪里集合、看哪里", "Where to meet and what to look at", most=200,
                               missing=TEXTS["spot"])]  # fmt: skip
    units: Annotated[tuple[str, ...], label("请哪些单位参加", "Units asked to come", most=10)] = ()
    reason: Annotated[str, label("要办什么", "What is to be done", most=500)] = ""
    tells: Annotated[bool, label("诉求人同意，发消息告知时间", "The requester agrees: send them the time")] = False
    is_checked: Annotated[bool, label("知道时间冲突，仍要约", "I know of the clash; arrange it anyway")] = False


class SiteMove(SitePlan, kw_only=True):
    """改期、改单位."""

    reason: Annotated[str, label("改的理由", "Why it is changed", most=500, missing=TEXTS["reason"])]


class SiteAnswer(Ask, kw_only=True):
    """答复上门."""

    comes: Annotated[Literal["yes", "no"], label("能参加吗", "Can you come?")]
    reason: Annotated[str, label("不能参加的原因", "Why not", most=200)] = ""


class SiteHeld(Ask, kw_only=True):
    """记录上门结果."""

    outcome: Annotated[str, label("上门结果", "What came of it", most=2000, missing=TEXTS["outcome"])]
    attended: Annotated[tuple[str, ...], label("到场单位", "Units that came", most=12)] = ()
    photos: Annotated[str, label("现场照片", "Photographs", most=10)] = ""


class SiteCancel(Ask, kw_only=True):
    """取消上门."""

    reason: Annotated[str, label("取消的理由", "Why it is cancelled", most=500, missing=TEXTS["reason"])]
