"""Rooms for what is not routed plainly: risks, verifying first, enterprise levels and their leaders."""

from __future__ import annotations

from web.care import calls, leaders, levels, risks, verification

ROUTES = [*risks.ROUTES, *calls.ROUTES, *verification.ROUTES, *levels.ROUTES, *leaders.ROUTES]
