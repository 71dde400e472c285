"""The dispatch rules in administration, with their trial run."""

from __future__ import annotations

from web.rules import pages, trials

ROUTES = [*pages.ROUTES, *trials.ROUTES]
