"""Knowledge: articles and their life for the staff; the public's questions and answers; sheets in and out."""

from __future__ import annotations

from web.knowledge import deciding, pages, public, sheets, writing

ROOMS = (pages, writing, deciding, sheets, public)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
