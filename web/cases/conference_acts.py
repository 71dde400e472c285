"""Addresses of the acts of conferences and joint site visits."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
