"""Open data, and the export of the whole ledger."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
