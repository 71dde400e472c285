"""Promises as data: profiles and their versions, what a change would move, the statutes that give their own time."""

from __future__ import annotations

from typing import Any

from web.promises import pages, statutes

ROUTES: list[Any] = [*pages.ROUTES, *statutes.ROUTES]
