"""Boards: what is due, at risk and overdue, by unit and stage; acting in bulk; how the forecast is made."""

from __future__ import annotations

from typing import Any

from web.boards import bulk, forecasts, promises

ROUTES: list[Any] = [*promises.ROUTES, *bulk.ROUTES, *forecasts.ROUTES]
