"""Acts on the case page of merging, unmerging and splitting."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
