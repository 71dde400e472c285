"""Promises as data: profiles and their versions, extensions that wait for an answer, what a change would move."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
