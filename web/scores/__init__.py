"""Scores: formulas, sheets, freezing, appeals, the year."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
