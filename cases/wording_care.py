"""Sentences of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.errors import Say

STAFF: dict[str, Callable[[Any], Say]] = {}
REQUESTER: dict[str, Callable[[Any], Say]] = {}
