"""The classifier's models and their figures in administration."""

from __future__ import annotations

from web.models import acts, pages

ROUTES = [*pages.ROUTES, *acts.ROUTES]
