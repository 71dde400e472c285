"""Audits of return visits, spot checks, mystery tests, withdrawals, claims that are put aside."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
