"""All that happens by itself when its time has come, in one list that the sweep goes through."""

from __future__ import annotations

from sla import reminding, timed_ladder, timed_pause
from sla.timed import Timed

TIMED: tuple[Timed, ...] = (*reminding.TIMED, *timed_ladder.TIMED, *timed_pause.TIMED)


def _question() -> str:
    parts = [f"(SELECT '{one.name}' AS act, q.* FROM ({one.due}) AS q)" for one in TIMED]
    return " UNION ALL ".join(parts) + " ORDER BY due_at, case_id LIMIT $2"


DUE = _question()
"""One question for all due by ``$1``: ``act, case_id, subject, due_at``, the oldest ``$2``, on no case of ``$3``."""
