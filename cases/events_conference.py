"""Events of conferences and joint site visits."""

from __future__ import annotations
