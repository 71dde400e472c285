"""Requests for the centre's data: asked, decided, supplied, each stage by its date."""

from __future__ import annotations

from web.datarequests import acts, pages, supplying

ROUTES = [*pages.ROUTES, *acts.ROUTES, *supplying.ROUTES]
