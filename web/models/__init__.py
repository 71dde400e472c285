"""The classifier's models and their figures in administration."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
