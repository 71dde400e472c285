"""Every room of web and its handlers. A room's ``__init__`` lists them in ``ROUTES``."""

from __future__ import annotations

import importlib
from typing import Any

ROOMS = (
    "session", "cases", "desk", "dispatch", "unit", "audit", "visits", "supervisor", "notices", "admin", "public",
    "api", "hooks", "open311", "partners", "accounts", "floor", "counties", "ledgers",
    "catalogue", "rules", "models", "conferences", "merging", "clusters", "care", "accuracy",
    "promises", "reminders", "ladder", "inspections", "whatif", "datarequests", "boards",
    "ratings", "bounties", "hot", "scores", "honours", "bulletins", "figures", "opendata", "proof",
    "knowledge", "gaps", "outages", "chat", "shift", "posts", "leftwork",
)  # fmt: skip

ROUTES: list[Any] = [route for room in ROOMS for route in importlib.import_module(f"web.{room}").ROUTES]
