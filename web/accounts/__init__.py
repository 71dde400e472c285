"""Citizens' accounts: registering and signing in on every portal, verification at the counter, rating a body."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
