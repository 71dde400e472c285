"""The dispatch rules in administration, with their trial run."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
