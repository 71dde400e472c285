"""Moves of conferences and joint site visits."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
