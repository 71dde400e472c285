"""Addresses of the acts of a unit's own hands: objection, release, handing down, reporting up, the head's approval."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
