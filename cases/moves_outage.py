"""Moves of outages and their callers."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
