"""Boards of figures, the cases behind each number, and the public statistics."""

from __future__ import annotations

from typing import Any

from web.figures import boards, calls, cases, formulas, statistics

ROUTES: list[Any] = [*boards.ROUTES, *calls.ROUTES, *cases.ROUTES, *formulas.ROUTES, *statistics.ROUTES]
