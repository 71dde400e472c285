"""The web chat: the citizen's page and the agent's side."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
