"""Audits of return visits, spot checks, mystery tests, withdrawals, claims that are put aside."""

from __future__ import annotations

from web.inspections import figures, findings, items, plans, samples, tests, withdrawals

ROOMS = (samples, items, figures, findings, plans, tests, withdrawals)
ROUTES = [route for room in ROOMS for route in room.ROUTES]
