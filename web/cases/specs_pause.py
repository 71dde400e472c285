"""Acts on the case page: a pause: one request for more information, suspension with a plan, resuming."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
