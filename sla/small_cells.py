"""Small cells of a public table: under five no number is told, nor anything from which it could be worked out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 5
SMALL, KEPT = f"<{LEAST}", "*"
"""What stands in a cell: fewer than five; left out so that the total gives nobody away."""


def hidden(cells: Mapping[str, int]) -> dict[str, str]:
    """Which cells of a table whose total is told have no number, and what stands there instead.

    The total less what is shown is the sum of the hidden ones. That must leave every small one able to be anything from
    1 to 4: so the smallest of the others are left out with them until it does; the whole table if nothing helps.
    """
    small = [key for key, n in cells.items() if 0 < n < LEAST]
    if not small:
        return {}
    others = sorted((key for key, n in cells.items() if n >= LEAST), key=lambda key: (cells[key], key))
    kept: list[str] = []
    while not _is_safe([cells[key] for key in small], [cells[key] for key in kept]) and others:
        kept.append(others.pop(0))
    if not others and not _is_safe([cells[key] for key in small], [cells[key] for key in kept]):
        return dict.fromkeys((key for key, n in cells.items() if n), KEPT)
    return {**dict.fromkeys(small, SMALL), **dict.fromkeys(kept, KEPT)}


def _is_safe(small: list[int], kept: list[int]) -> bool:
    """Whether each small one may be 1 to 4 for all that the sum of the hidden tells; the kept are 5 or more."""
    whole, k = sum(small) + sum(kept), len(small)
    most = whole - (k - 1) - LEAST * len(kept)
    least = 1 if kept else whole - (LEAST - 1) * (k - 1)
    return most >= LEAST - 1 and least <= 1


def shown(n: int) -> str:
    """A number that stands alone."""
    return SMALL if 0 < n < LEAST else f"{n:,}"
