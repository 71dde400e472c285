"""What the moves of a unit's own answers: objection, handing down, reporting up, the head's approval demand."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
