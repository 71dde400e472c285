"""What the acts of withdrawals and claims ask for: one struct a form."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

DECISIONS = {
    "uphold": Say("认定，不计入考核", "Uphold: excluded from scores"),
    "refuse": Say("不认定，期限照旧", "Refuse: the clock ran on"),
}
COURTESY = Say(
    "您好，您反映的情况我们认真核实过了。按现行规定，这件事不在本次办理范围内，具体原因如下：",
    "Thank you for contacting us. We have looked into what you told us with care. Under the present rules it cannot be "
    "dealt with here, for this reason: ",
)
"""With what the polite word begins; whoever decides goes on from there."""


class Wish(Ask, kw_only=True):
    """要求撤单."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    words: Annotated[str, label("诉求人怎么说", "What the requester says", most=500,
                                missing=Say("请写诉求人怎么说。", "Write what the requester says."))]  # fmt: skip


class Claim(Ask, kw_only=True):
    """申请认定."""

    claim: Annotated[Literal["unreasonable", "beyond_remit"], label("申请认定为", "Claim that it is")]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=TEXTS["reason"])]
    basis: Annotated[
        str,
        label("依据和证明", "Rule and proof", most=1000,
              missing=Say("请写依据哪条规定、有什么证明。", "Cite the rule and say what proves it.")),
    ]


class ClaimDecision(Ask, kw_only=True):
    """认定."""

    assignment: Annotated[UUID, label("单位", "Unit")]
    decision: Annotated[Literal["uphold", "refuse"], label("认定意见", "Decision")]
    reason: Annotated[str, label("理由", "Reason", most=1000, missing=TEXTS["reason"])]
    reply: Annotated[str, label("告知诉求人的话", "What the requester is told", most=2000)] = ""


class ClaimReversal(Ask, kw_only=True):
    """撤销认定."""

    assignment: Annotated[UUID, label("单位", "Unit")]
    reason: Annotated[str, label("申诉理由和裁定", "The appeal and the decision", most=1000, missing=TEXTS["reason"])]
