"""Events of a unit's own answers: objection, handing down, reporting up, the head's approval."""

from __future__ import annotations
