"""Workspaces of the counties, districts and zones: their figures, their people, their portals."""

from __future__ import annotations

from web.counties.pages import ROUTES

__all__ = ["ROUTES"]
