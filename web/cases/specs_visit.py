"""Acts on the case page: a return visit beyond its first answers: sampling, unreached, rework."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
