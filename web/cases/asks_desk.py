"""What a correction asks for."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from web.cases.asks import Ask
from web.forms import label


class Correct(Ask, kw_only=True):
    """更正错字: what stays empty or as it was is not touched."""

    request: Annotated[UUID, label("哪个诉求", "Which request")]
    words: Annotated[str, label("诉求内容", "Words", most=5000)] = ""
    place: Annotated[str, label("具体地点", "Place", most=200)] = ""
    name: Annotated[str, label("诉求人姓名", "Requester's name", most=60)] = ""
    phone: Annotated[str, label("联系电话", "Telephone", most=30)] = ""
