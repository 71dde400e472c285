"""Addresses of the acts: an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from typing import Any

ROUTES: list[Any] = []
