"""Moves of notices as the case sees them."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
