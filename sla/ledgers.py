"""The two ledgers of what is not solved yet (planned, unsolved), with what waits for approval or for a requester.

Each list is narrowed to what the viewer may see; nearest moment first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from cases import scope
from cases.of_case import CASE, OfCase
from hotline import db
from hotline.actor import Actor
from hotline.errors import Say

SIZE = 100
TABS: dict[str, Say] = {
    "planned": Say("列入计划（挂账）", "Planned (suspended)"),
    "asked": Say("待批挂账", "To be decided"),
    "awaited": Say("待诉求人补充", "Waiting for requesters"),
    "unsolved": Say("未解决", "Unsolved"),
}
EMPTY: dict[str, Say] = {
    "planned": Say(
        "没有挂账的件。承办单位申请、市级批准后列在这里，按复核日期排。",
        "Nothing is suspended. What the city approves stands here, by review date.",
    ),
    "asked": Say("没有待批的挂账申请。", "No suspension waits for a decision."),
    "awaited": Say("没有在等诉求人补充的件。", "No requester is waited for."),
    "unsolved": Say("没有诉求人说没解决的件。", "No requester says that theirs is unsolved."),
}
_WHERE: dict[str, tuple[str, str]] = {
    "planned": ("c.paused = 'suspended'", "c.review_at, c.id"),
    "asked": ("a.suspension_asked_at IS NOT NULL", "a.suspension_asked_at, c.id"),
    "awaited": ("c.paused = 'needs_info'", "c.paused_until, c.id"),
    "unsolved": (
        """(c.is_open AND c.state = 'rework')
            OR (NOT c.is_open AND c.id IN (SELECT case_id FROM request WHERE is_solved IS FALSE))""",
        "c.opened_at, c.id",
    ),
}
_SQL = f"""
    SELECT c.id, {CASE}, c.urgency, c.lead_unit, c.opened_at, c.closed_at, c.close_reason,
        c.paused_at, c.paused_until, c.review_at, c.suspensions, c.rework_count,
        a.suspension_asked_at, a.suspension_review,
        (SELECT t.value FROM case_text t JOIN case_event e USING (case_id, seq)
         WHERE t.case_id = c.id AND t.field = 'plan' AND e.kind = 'suspension_asked' ORDER BY seq DESC LIMIT 1) AS plan
    FROM cases c LEFT JOIN assignment a ON a.case_id = c.id AND a.role = 'lead' AND a.state NOT IN ('recalled', 'ended')
    WHERE ({{which}}) AND {{scope}} ORDER BY {{order}} LIMIT {{size}}
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM cases c WHERE c.paused = 'suspended' AND {scope}) AS planned,
        (SELECT count(*) FROM cases c WHERE c.paused = 'suspended' AND c.review_at <= {now} AND {scope}) AS due,
        (SELECT count(*) FROM assignment a JOIN cases c ON c.id = a.case_id
         WHERE a.suspension_asked_at IS NOT NULL AND {scope}) AS asked,
        (SELECT count(*) FROM cases c WHERE c.paused = 'needs_info' AND {scope}) AS awaited
"""


class Line(OfCase, frozen=True, kw_only=True):
    """A case on one of the ledgers."""

    id: UUID
    urgency: str
    lead_unit: str | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    paused_at: datetime | None
    paused_until: datetime | None
    review_at: datetime | None
    suspensions: int
    rework_count: int
    suspension_asked_at: datetime | None
    suspension_review: datetime | None
    plan: str | None

    def is_due(self, now: datetime) -> bool:
        """Whether its review date has come."""
        return self.review_at is not None and self.review_at <= now


async def lines(connection: db.Connection, actor: Actor, tab: str) -> Sequence[Line]:
    """The cases of one of TABS that the actor may see, at most SIZE + 1."""
    where, args = scope.condition(actor)
    which, order = _WHERE[tab]
    rows = await connection.fetch(_SQL.format(which=which, order=order, scope=where, size=SIZE + 1), *args)
    return [Line(**row) for row in rows]


async def counts(connection: db.Connection, actor: Actor, now: datetime) -> Mapping[str, int]:
    """How many are planned, of those due for review, to be decided, and waiting for a requester."""
    where, args = scope.condition(actor)
    row = await connection.fetchrow(_COUNTS.format(scope=where, now=f"${len(args) + 1}"), *args, now)
    return dict(row)
