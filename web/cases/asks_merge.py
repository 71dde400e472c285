"""What merging, unmerging and splitting ask for."""

from __future__ import annotations

from typing import Annotated

from cases.states import TEXTS
from hotline.errors import Say
from web.cases.asks import LONG, Ask
from web.forms import label


class Merge(Ask, kw_only=True):
    """并单: the number of the other case; both are shown abreast before anything is done."""

    numbers: Annotated[str, label("另一件的编号", "Number of the other case", most=20)] = ""


class Unmerge(Ask, kw_only=True):
    """拆回."""

    child: Annotated[str, label("拆回哪一件", "Which one", most=20, missing=Say("请选一件。", "Choose one."))]
    reason: Annotated[str, label("拆回理由", "Reason", most=500, missing=TEXTS["reason"])]


class Split(Ask, kw_only=True):
    """拆单: the words of each of the two matters, as the agent parts them."""

    first: Annotated[
        str,
        label(
            "这件保留的内容", "What stays in this case", most=LONG,
            missing=Say("请写这件保留的内容。", "Write what stays in this case."),
        ),
    ]
    second: Annotated[
        str,
        label("另一件事", "The second matter", most=LONG, missing=Say("请写另一件事。", "Write the second matter.")),
    ]
    matter: Annotated[str, label("另一件的事项", "Matter of the second", most=20)] = ""
    reason: Annotated[str, label("拆单理由", "Reason", most=500)] = ""
