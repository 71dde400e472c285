"""Acts on the case page: the ladder's answered acts: orders, interviews, instructions."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
