"""Acts on the case page of what is not routed plainly: risk, verify-then-handle, discipline, enterprise levels."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
