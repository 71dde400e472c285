"""What the acts of an appeal of a rating ask for: one struct a form."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label

DECISIONS = {
    "uphold": Say("成立，评价作废，请诉求人重新评价", "Uphold: annulled; the requester may rate anew"),
    "refuse": Say("不成立，评价照算", "Dismiss: the rating stands"),
}


class Appeal(Ask, kw_only=True):
    """评价申诉."""

    rating: Annotated[UUID, label("哪条评价", "Which rating")]
    ground: Annotated[
        Literal["slip", "other_matter", "untrue", "objective", "malicious"], label("申诉理由", "Ground")
    ]
    reason: Annotated[str, label("具体情况", "What happened", most=1000, missing=TEXTS["reason"])]
    basis: Annotated[
        str,
        label("证明", "Proof", most=1000,
              missing=Say("请写有什么证明、到哪里查。", "Say what proves it and where it is kept.")),
    ]


class AppealDecision(Ask, kw_only=True):
    """裁定评价申诉."""

    rating: Annotated[UUID, label("哪条评价", "Which rating")]
    decision: Annotated[Literal["uphold", "refuse"], label("裁定", "Decision")]
    reason: Annotated[str, label("裁定理由", "Reason of the decision", most=1000, missing=TEXTS["reason"])]
