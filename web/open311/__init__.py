"""Open311 GeoReport v2: services, requests, tokens and discovery, in XML and JSON."""

from __future__ import annotations

from web.open311 import doors

ROUTES = doors.ROUTES
