"""Outages of water, power, heat and gas: notices that calls are matched with; the public's list."""

from __future__ import annotations

from web.outages import acts, importing, pages, public

ROUTES = [*public.ROUTES, *pages.ROUTES, *importing.ROUTES, *acts.ROUTES]
