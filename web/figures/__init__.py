"""Figures: boards from the fact store, public statistics."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
