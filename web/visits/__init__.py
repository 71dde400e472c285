"""Return visits: whom to call next, the script, the requester's word, then the unit's claim, and closing or rework."""

from __future__ import annotations

from web.visits import acts, pages

ROUTES = [pages.visits, pages.one, acts.visited, acts.missed, acts.reworked, acts.closed]
