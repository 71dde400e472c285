"""Events of a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations
