"""Conferences: agenda, decision, minutes; joint site visits."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
