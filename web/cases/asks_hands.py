"""What the acts of a unit's own hands ask for: one struct a form."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

DECISIONS = {
    "dismiss": Say("不成立", "Dismiss"),
    "redispatch": Say("成立，改派", "Uphold: dispatch anew"),
    "conference": Say("成立，转会商", "Uphold: to a conference"),
}
ANSWERS = {"grant": Say("同意", "Agree"), "refuse": Say("不同意", "Refuse")}
_CHOOSE = Say("请选一个单位。", "Choose a unit.")


class HandDown(Ask, kw_only=True):
    """下派."""

    unit: Annotated[str, label("下派给", "Hand down to", most=20, missing=_CHOOSE)]
    reason: Annotated[
        str,
        label("请它办什么", "What it is to do", most=500,
              missing=Say("请写明请它办什么，不写诉求人是谁。", "Say what it is to do, and nothing of who asked.")),
    ]
    due: Annotated[datetime | None, label("上报期限", "Report up by")] = None


class Reasoned(Ask, kw_only=True):
    """An act that needs its reason and nothing else."""

    reason: Annotated[str, label("理由", "Reason", most=1000, missing=TEXTS["reason"])]


class OfShare(Reasoned, kw_only=True):
    """An act on another unit's share, with its reason."""

    assignment: Annotated[UUID, label("单位", "Unit")]


class SendDown(OfShare, kw_only=True):
    """退回下级."""


class Object(Ask, kw_only=True):
    """提出异议."""

    reason: Annotated[str, label("为什么不该由本单位办", "Why it is not yours", most=1000, missing=TEXTS["reason"])]
    basis: Annotated[str, label("依据哪条规定", "The rule it rests on", most=1000, missing=TEXTS["basis"])]


class ObjectionDecision(OfShare, kw_only=True):
    """裁定异议."""

    decision: Annotated[Literal["dismiss", "redispatch", "conference"], label("裁定", "Decision")]
    unit: Annotated[str, label("改派给", "Give it to", most=20)] = ""


class CoAsk(Reasoned, kw_only=True):
    """申请加派, 申请协办退出."""

    unit: Annotated[str, label("协办单位", "Co-handler", most=20, missing=_CHOOSE)]


class CoDecision(Reasoned, kw_only=True):
    """答复主办单位."""

    decision: Annotated[Literal["grant", "refuse"], label("意见", "Decision")]
