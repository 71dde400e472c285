"""Acts on the case page of a unit's own hands: objection, release, handing down, reporting up, the head's approval."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
