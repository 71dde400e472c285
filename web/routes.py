"""Every room of web and its handlers. A room's ``__init__`` lists them in ``ROUTES``."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

ROOMS = (
    "session", "cases", "desk", "dispatch", "unit", "audit", "visits", "supervisor", "notices", "admin", "public",
    "files", "hooks", "api",
)  # fmt: skip

ROUTES: list[Any] = [
    route
    for room in ROOMS
    if importlib.util.find_spec(f"web.{room}") is not None
    for route in getattr(importlib.import_module(f"web.{room}"), "ROUTES", ())
]
