"""Addresses of the acts: a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
