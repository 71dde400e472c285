"""Conferences: list and agenda, the meeting screen, minutes; a unit's calendar of joint site visits."""

from __future__ import annotations

from typing import Any

from web.conferences import acts, calendar, minutes, pages

ROUTES: list[Any] = [*pages.ROUTES, *acts.ROUTES, *minutes.ROUTES, *calendar.ROUTES]
