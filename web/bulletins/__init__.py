"""Bulletins and special reports: drafts, approval, issues with their files, and the public's pages of them."""

from __future__ import annotations

from web.bulletins import acts, pages, public

ROUTES = [*pages.ROUTES, *acts.ROUTES, *public.ROUTES]
