"""The dispatcher's desk: to accept, to dispatch with ranked proposals, returns with their ground and running clock."""

from __future__ import annotations

from web.dispatch import moving, pages

ROUTES = [pages.dispatch, *moving.ROUTES]
