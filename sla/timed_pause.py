"""Timed acts on pauses: the review of a suspended case, a question that was never answered."""

from __future__ import annotations

from sla import needs_info, suspension
from sla.timed import Timed

_DUE = """
    SELECT id AS case_id, id AS subject, paused_until AS due_at FROM cases
    WHERE paused IS NOT NULL AND paused_until <= $1 AND {} AND id <> ALL($3::uuid[])
    ORDER BY paused_until, id LIMIT $2
"""

TIMED: tuple[Timed, ...] = (
    Timed("info_lapsed", _DUE.format("paused = 'needs_info'"), needs_info.lapse),
    Timed("review_due", _DUE.format("paused = 'suspended' AND paused_until = review_at"), suspension.come_due),
    Timed("review_lapsed", _DUE.format("paused = 'suspended' AND paused_until > review_at"), suspension.lapse),
)
