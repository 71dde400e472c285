"""Hot issues: what emerges, monthly themes, proactive tasks, official responses."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
