"""What the moves of conferences and joint site visits demand."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
