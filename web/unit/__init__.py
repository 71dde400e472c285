"""The unit's workbench: its cases in bands by time left, and the chosen one with its acts."""

from __future__ import annotations

from web.unit import pages

ROUTES = [pages.workbench_page, pages.sign_order]
