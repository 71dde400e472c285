"""Scores: sheets of periods, units and items; formulas, publishing, appeals; and what everybody may read of it."""

from __future__ import annotations

from web.scores import appeals, formulas, freezing, pages, published, units

ROOMS = (pages, appeals, formulas, freezing, units, published)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
