"""What a pause: one request for more information, suspension with a plan, resuming demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
