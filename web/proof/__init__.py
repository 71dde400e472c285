"""Public proof: signed roots, and a case's own proof."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
