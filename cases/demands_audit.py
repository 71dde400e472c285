"""What the audit of return visits: findings, withdrawals, claims demand beyond the state."""

from __future__ import annotations

from collections.abc import Callable

from cases.ask import Ask

RULES: dict[str, Callable[[Ask], None]] = {}
