"""What the forms of the scores ask for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from hotline.errors import Say
from web.forms import label

_REASON = Say("请写明理由。", "Give the reason.")


class Nothing(msgspec.Struct, kw_only=True):
    """An act that asks nothing."""


class Appeal(msgspec.Struct, kw_only=True):
    """申诉 of one item."""

    ground: Annotated[str, label("申诉理由", "Grounds", least=4, most=1000,
                                 missing=Say("请写哪里算错了、依据是什么。", "Say what is wrong, and on what basis."))]


class Decision(msgspec.Struct, kw_only=True):
    """裁定."""

    outcome: Annotated[Literal["upheld", "refused"], label("裁定", "Decision")]
    points: Annotated[Decimal | None, label("加回几分", "Points given back",
                                            wrong=Say("加回几分请写数字。", "Enter the points as a number."))] = None
    reason: Annotated[str, label("理由", "Reason", least=4, most=1000, missing=_REASON)]

    def check(self) -> dict[str, Say]:
        """Upheld needs its points, and they have at most four places."""
        if self.outcome == "refused":
            return {}
        exponent = self.points.as_tuple().exponent if self.points is not None else 0
        if self.points is None or not isinstance(exponent, int) or exponent < -4:
            return {"points": Say("请写加回几分，最多四位小数。", "Say how many points go back, at most four places.")}
        return {}


def after(text: str) -> tuple[date, UUID] | None:
    """Where the next page of cases begins; None for anything that is no such place."""
    day, _, subject = text.partition("~")
    try:
        return date.fromisoformat(day), UUID(subject)
    except ValueError:
        return None
