"""Moves of the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
