"""Events of appeals of ratings and what they come to."""

from __future__ import annotations
