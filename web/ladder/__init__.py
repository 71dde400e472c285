"""The ladder's papers: orders, interviews, bulletins, accountability, leaders' instructions, the rule table."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
