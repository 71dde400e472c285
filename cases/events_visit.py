"""Events of a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations
