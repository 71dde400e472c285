"""Addresses of the acts: a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
