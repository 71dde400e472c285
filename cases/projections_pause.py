"""Projections of a pause: one request for more information, suspension with a plan, resuming. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.file import CaseFile, Entry

OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {}
