"""Sentences of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.states_visit import REOPEN_CAUSES
from hotline.errors import Say


def _reopened(event: Any) -> Say:
    cause = REOPEN_CAUSES[event.cause]
    return Say(f"重启重办（{cause.zh}），期限重新计算", f"reopened for rework ({cause.en.lower()}) with a new clock")


STAFF: dict[str, Callable[[Any], Say]] = {"reopened": _reopened}
REQUESTER: dict[str, Callable[[Any], Say]] = {"reopened": lambda _: Say("已重新办理", "Being done again")}
