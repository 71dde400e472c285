"""Audit of results: the internal note and the public reply side by side, passed or sent back."""

from __future__ import annotations

from web.audit import pages

ROUTES = [pages.audit]
