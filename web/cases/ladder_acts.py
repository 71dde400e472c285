"""Addresses of the acts: the ladder's answered acts: orders, interviews, instructions."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
