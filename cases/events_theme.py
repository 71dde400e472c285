"""Events of official responses to hot issues."""

from __future__ import annotations
