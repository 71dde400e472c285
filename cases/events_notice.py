"""Events of notices as the case sees them."""

from __future__ import annotations
