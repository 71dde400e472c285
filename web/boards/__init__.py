"""Boards: what is due, at risk and overdue, by unit and stage; acting in bulk."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
