"""The honour list: praise and top scores."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
