"""Outages of water, power, heat and gas: notices that calls are matched with."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
