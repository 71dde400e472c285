"""Moves of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
