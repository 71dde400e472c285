"""First-time-right and time-to-right-unit on the board: by dispatcher, matter, unit and model, with their cases."""

from __future__ import annotations

from web.accuracy import pages

ROUTES = pages.ROUTES
