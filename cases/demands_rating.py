"""What appeals of ratings and what they come to demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
