"""Moves of appeals of ratings and what they come to."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
