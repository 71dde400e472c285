"""What official responses to hot issues demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask
from hotline.errors import conflict


def _answer_in_the_open(ask: Ask) -> None:
    if ask.file.case.is_sealed:
        raise conflict(
            "sealed", "举报件、保密件不作公开的统一答复。",
            "A report or confidential case gets no public answer of a theme.",
        )  # fmt: skip


RULES: dict[str, Callable[[Ask], None]] = {"answer_in_the_open": _answer_in_the_open}
