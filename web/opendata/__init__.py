"""Open data, and the export of the whole ledger."""

from __future__ import annotations

from web.opendata import exports, public, releases

ROUTES = [*public.ROUTES, *releases.ROUTES, *exports.ROUTES]
