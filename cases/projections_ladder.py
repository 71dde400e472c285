"""Projections of the ladder's answered acts: orders, interviews, instructions. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.file import CaseFile, Entry

OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {}
