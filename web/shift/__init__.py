"""Running a shift: hand-over notes, refused numbers, surge mode."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
