"""The ladder's timed acts beside warnings and breaches: orders unanswered, undertakings due, long overdue cases."""

from __future__ import annotations

from sla import ladder_due
from sla.timed import Timed

_DUE = """
    SELECT t.case_id, t.id AS subject, t.{at} AS due_at FROM {table} t
    WHERE t.{at} <= $1 AND {where} AND t.case_id <> ALL($3::uuid[]) ORDER BY t.{at} LIMIT $2
"""


def _due(table: str, at: str, where: str) -> str:
    """What is due of a table by its column of the next moment; ``where`` repeats its partial index."""
    return _DUE.format(table=table, at=at, where=where)


_RUNS = "t.chase_at IS NOT NULL AND t.stopped_at IS NULL AND t.paused_at IS NULL"
_PAPER = "t.chase_at IS NOT NULL AND t.case_id IS NOT NULL AND t.chase = "

TIMED: tuple[Timed, ...] = (
    Timed("long_overdue", _due("clock", "chase_at", _RUNS), ladder_due.expose),
    Timed(
        "order_ignored",
        _due(
            "supervision_order",
            "chase_at",
            "t.chase_at IS NOT NULL AND t.answered_at IS NULL AND t.ended_at IS NULL",
        ),
        ladder_due.order_ignored,
    ),
    Timed(
        "alert_escalated",
        _due("alert", "escalate_at", "t.escalate_at IS NOT NULL AND t.answered_at IS NULL"),
        ladder_due.climb,
    ),
    Timed("paper_reminder", _due("ladder_paper", "chase_at", f"{_PAPER}'remind'"), ladder_due.paper),
    Timed("paper_overdue", _due("ladder_paper", "chase_at", f"{_PAPER}'overdue'"), ladder_due.paper),
)
