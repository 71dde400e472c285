"""What answers from knowledge demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from hotline.errors import conflict


def _answer_may_be_article(ask: Ask) -> None:
    case = ask.file.case
    if case.kind != "enquiry" or case.is_sealed:
        raise conflict(
            "no_article", "只有公开的咨询件，答复才能写成知识。",
            "Only the answer to an open enquiry becomes an article.",
        )  # fmt: skip


RULES: dict[str, Callable[[Ask], None]] = {"answer_may_be_article": _answer_may_be_article}
