"""Moves of the ladder's answered acts: orders, interviews, instructions."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
