"""Sentences of what an agent corrects in a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.errors import Say

STAFF: dict[str, Callable[[Any], Say]] = {}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
