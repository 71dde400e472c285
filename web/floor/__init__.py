"""The telephone floor: seats, the ringing call, call-back tasks, recordings, the figures of each line and hour."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
