"""Events of the ladder's answered acts: orders, interviews, instructions."""

from __future__ import annotations
