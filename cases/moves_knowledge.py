"""Moves of answers from knowledge."""

from __future__ import annotations

from cases.move import Move

MOVES: dict[str, Move] = {
    "article_drafted": Move(case_from=frozenset({"callback", "closed", "archived"}), rules=("answer_may_be_article",)),
}
