"""Data requests of units and partners, with their three clocks."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
