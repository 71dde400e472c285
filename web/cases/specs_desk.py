"""Acts on the case page: what an agent corrects in a case."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
