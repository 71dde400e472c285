"""Addresses of the acts: the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
