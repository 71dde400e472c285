"""What the acts about more time ask for: one struct a form."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from channels.texts import WHY
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

_TOLD = TEXTS["told"]
_CHOOSE = Say("请选延到哪天。", "Choose until when.")
_LAW = Say("请选依据哪一条法。", "Choose the statute it rests on.")


class Extension(Ask, kw_only=True):
    """申请延期: ``until`` is so much more, or ``law:`` with a statute's code."""

    until: Annotated[str, label("延到", "Until", most=30, missing=_CHOOSE)]
    reason: Annotated[str, label("为什么要延", "The ground", most=1000, missing=TEXTS["reason"])]
    told: Annotated[str, label("给诉求人看的原因", "Reason the requester reads", most=WHY, missing=_TOLD)]
    law: Annotated[str, label("依据的法条", "Statute it rests on", most=20)] = ""


class ExtensionDecision(Ask, kw_only=True):
    """答复延期."""

    assignment: Annotated[UUID, label("单位", "Unit")]
    decision: Annotated[Literal["grant", "refuse"], label("意见", "Decision")]
    amount: Annotated[float | None, label("同意延", "Extend by")] = None
    told: Annotated[str, label("给诉求人看的原因", "Reason the requester reads", most=WHY)] = ""
    reason: Annotated[str, label("给单位的意见", "Word to the unit", most=1000)] = ""

    def check(self) -> dict[str, Say]:
        """A refusal says why; an approval says what the requester reads."""
        if self.decision == "refuse" and not self.reason.strip():
            return {"reason": Say("不同意要写明理由。", "A refusal gives its reason.")}
        if self.decision == "grant" and not self.told.strip():
            return {"told": _TOLD}
        return {}


class Statutory(Ask, kw_only=True):
    """适用法定期限."""

    law: Annotated[str, label("依据的法条", "Statute it rests on", most=20, missing=_LAW)]
    reason: Annotated[str, label("为什么适用", "Why it applies", most=1000, missing=TEXTS["reason"])]
