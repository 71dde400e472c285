"""In the making."""

from __future__ import annotations

ROUTES: list[object] = []
