"""Sensitive cases, government service and enterprise requests: lists and figures."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
