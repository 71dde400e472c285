"""Projections of a unit's own answers: objection, handing down, reporting up, the head's approval. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cases.file import CaseFile, Entry

OWN: dict[str, Callable[[CaseFile, Any, Entry], None]] = {}
