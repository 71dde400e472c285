"""Acts on the case page: an extension asked for, approved or refused; a longer promise that a statute gives."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
