"""Acts on the case page: the audit of return visits: findings, withdrawals, claims."""

from __future__ import annotations

from web.cases.spec import Spec

SPECS: tuple[Spec, ...] = ()
