"""The dispatch catalogue in administration: its lines, what it answers, what is missing, and whole sheets."""

from __future__ import annotations

from web.catalogue import asking, lines, listing, sheet_pages

ROOMS = (listing, asking, lines, sheet_pages)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
