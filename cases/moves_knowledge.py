"""Moves of answers from knowledge."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
