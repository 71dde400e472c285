"""Acts on the case page: appeals of ratings and what they come to."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
