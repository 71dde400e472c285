"""Moves of what an agent corrects in a case."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
