"""What the acts around a return visit ask for on the case page."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import Ask
from web.forms import label


class Wish(Ask, kw_only=True):
    """约回访时间."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    part: Annotated[Literal["", "morning", "afternoon", "evening"], label("希望什么时候接电话", "When")] = ""


class Reopen(Ask, kw_only=True):
    """重启."""

    request: Annotated[UUID, label("哪个诉求没解决", "Which request is unsolved")]
    assignment: Annotated[UUID, label("退给", "Back to")]
    cause: Annotated[
        str, label("为什么重启", "Why", missing=Say("请选为什么重启。", "Choose why it is reopened."))
    ]
    reason: Annotated[str, label("哪里没办好", "What was not done", most=1000, missing=TEXTS["reason"])]
