"""First-time-right and time-to-right-unit."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
