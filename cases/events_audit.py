"""Events of the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations
