"""What the moves of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels demand."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
