"""Gaps in the knowledge: who fills what until when; what the articles are used for."""

from __future__ import annotations

from web.gaps import acts, figures, pages

ROUTES = [*pages.ROUTES, *figures.ROUTES, *acts.ROUTES]
