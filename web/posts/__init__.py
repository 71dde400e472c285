"""Where a person sits: their posts, and acting for somebody else, from day to day."""

from __future__ import annotations

from web.posts import acting, seats

ROUTES = [*seats.ROUTES, *acting.ROUTES]
