"""Projections of an extension asked for, approved or refused; a longer promise that a statute gives. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.file import CaseFile, Entry

OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {}
