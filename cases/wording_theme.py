"""Sentences of official responses to hot issues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.errors import Say

STAFF: dict[str, Callable[[Any], Say]] = {
    "responded": lambda event: Say(
        f"收到 {event.number} 的统一答复", f"the official answer of {event.number} went to the requester"
    ),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {
    "responded": lambda event: Say(
        f"您反映的这类问题有了统一答复（{event.number}）",
        f"An official answer to what you and others raised ({event.number})",
    ),
}
