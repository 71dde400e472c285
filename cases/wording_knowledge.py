"""Sentences of answers from knowledge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.errors import Say

STAFF: dict[str, Callable[[Any], Say]] = {
    "article_drafted": lambda _: Say("答复写成了知识草稿", "the answer became the draft of an article"),
}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
