"""What an extension asked for, approved or refused; a longer promise that a statute gives demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
