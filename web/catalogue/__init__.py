"""The dispatch catalogue in administration."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
