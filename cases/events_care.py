"""Events of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations
