"""Projections of official responses to hot issues. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.file import CaseFile, Entry

OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {}
