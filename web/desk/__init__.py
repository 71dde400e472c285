"""The agent's desk: calls, visitors and letters become cases in one screen."""

from __future__ import annotations

from web.desk import gaps, pages

ROUTES = [*pages.ROUTES, *gaps.ROUTES]

__all__ = ["ROUTES"]
