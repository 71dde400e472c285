"""Moves of official responses to hot issues."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
