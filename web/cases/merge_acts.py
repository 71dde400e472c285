"""Addresses of the acts of merging, unmerging and splitting."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
