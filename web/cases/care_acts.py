"""Addresses of the acts of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
