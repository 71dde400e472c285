"""Work that somebody left open: for the unit's head or a supervisor to hand on, and for whoever got it."""

from __future__ import annotations

from web.leftwork import pages

ROUTES = pages.ROUTES
