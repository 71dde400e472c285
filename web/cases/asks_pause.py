"""What the acts of a pause ask for: one struct a form."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

DECISIONS = {"approve": Say("同意挂账，时限暂停", "Approve: the clocks stand"), "refuse": Say("不同意", "Refuse")}


class InfoAsk(Ask, kw_only=True):
    """请诉求人补充, once."""

    request: Annotated[UUID, label("问哪位诉求人", "Whom to ask")]
    wanted: Annotated[
        str, label("还缺什么（一行一项）", "What is missing (an item a line)", most=1000, missing=TEXTS["list"])
    ]
    is_all: Annotated[
        bool, label("我核对过，缺的都列全了；只能要这一次", "I have checked: this is all, and it is asked once")
    ] = False

    def check(self) -> dict[str, Say]:
        """Whoever asks says that it is all."""
        if self.is_all:
            return {}
        say = Say("补正只能一次，请核对是否列全后打勾。", "It is asked only once: check that it is all, and tick.")
        return {"is_all": say}


class Reasoned(Ask, kw_only=True):
    """An act that needs its reason."""

    reason: Annotated[str, label("理由", "Reason", most=500, missing=TEXTS["reason"])]


class SuspensionAsk(Ask, kw_only=True):
    """申请挂账."""

    reason: Annotated[
        str,
        label("为什么一时办不了", "Why it cannot be done now", most=1000,
              missing=Say("请写明为什么一时办不了。", "Say why it cannot be done now.")),
    ]
    plan: Annotated[str, label("计划", "Plan", most=1000, missing=TEXTS["plan"])]
    review: Annotated[
        date, label("复核日期", "Review date", missing=Say("请选复核日期。", "Choose the review date."))
    ]


class SuspensionDecision(Ask, kw_only=True):
    """批复挂账."""

    decision: Annotated[
        Literal["approve", "refuse"], label("批复", "Decision", missing=Say("请选同意或不同意。", "Approve or refuse."))
    ]
    reason: Annotated[str, label("理由", "Reason", most=500, missing=TEXTS["reason"])]
    review: Annotated[date | None, label("改复核日期", "Another review date")] = None
