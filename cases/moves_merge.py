"""Moves of merging, unmerging and splitting."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {}
