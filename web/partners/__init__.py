"""The interface for partners: /api/v1 with its OpenAPI document, and the keys in administration."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
