"""Acts on the case page of conferences and joint site visits."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
