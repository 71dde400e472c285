"""Return visits: whom to call next, the script, the requester's word, then the unit's claim, and closing or rework."""

from __future__ import annotations

from web.visits import acts, bulk, claiming, figures, pages, policy, ratings

ROUTES = [
    pages.visits, pages.one, *acts.ROUTES, *claiming.ROUTES, *ratings.ROUTES, *bulk.ROUTES, *policy.ROUTES,
    *figures.ROUTES,
]  # fmt: skip
