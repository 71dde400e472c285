"""Ratings of bodies, counters and third parties: imported, shown apart; appeals."""

from __future__ import annotations

from typing import Any

from web.ratings import importing, pages

ROUTES: list[Any] = [*pages.ROUTES, *importing.ROUTES]
