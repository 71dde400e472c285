"""The proof of reminders: every act that fell due in a period, when it was done, how late, and that none is missing.

What fell due is worked out from the clocks themselves (``Timed.fell_due``), from the moments that the database keeps
by itself (``act_due``) and from the ledger's own events, never from the rows in which the sweep notes what it did:
those are what is being checked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.errors import Say
from sla import lateness
from sla.timetable import TIMED

DONE, LATE, WAITING, MOVED, OVER, TWICE, MISSING = "done", "late", "waiting", "moved", "over", "twice", "missing"
STATES: dict[str, Say] = {
    MISSING: Say("漏办", "Missing"),
    TWICE: Say("重复", "Done twice"),
    LATE: Say("办得晚", "Done late"),
    WAITING: Say("刚到点，待办", "Just due"),
    DONE: Say("按时办了", "Done in time"),
    MOVED: Say("办过后期限改了", "Done, then the date moved"),
    OVER: Say("到点前已撤销", "Taken back before it could be done"),
}
"""What may have become of an act, the worst first."""
ACTS: dict[str, Say] = {
    "warn": Say("到期提醒、黄牌", "Reminder, yellow card"),
    "breach": Say("超期、红牌", "Broken, red card"),
    "overdue_told": Say("书面催办", "Written reminder"),
    "long_overdue": Say("久拖未办，拟通报", "Long overdue, bulletin drafted"),
    "order_ignored": Say("督办不回复，拟通报", "Order ignored, bulletin drafted"),
    "alert_escalated": Say("预警没人答复，上报", "Alert unanswered, told above"),
    "paper_reminder": Say("整改到期提醒", "Undertaking due soon"),
    "paper_overdue": Say("整改到期未完成", "Undertaking overdue"),
    "info_lapsed": Say("补充信息没有等到", "Question never answered"),
    "review_due": Say("挂账到期复核", "Suspension to review"),
    "review_lapsed": Say("挂账没有复核，恢复计时", "Suspension not reviewed, clock runs"),
}
"""What the acts are called; one that is not named here shows its own name."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One act: on which case, whose, due and done when; ``late`` are seconds; ``events`` of it are in the ledger.

    ``number`` is the case's, or that of a paper about no case (``is_case`` False).
    """

    act: str
    number: str
    is_case: bool
    unit: str
    stage: str
    subject: UUID
    due_at: datetime
    done_at: datetime | None
    late: float | None
    events: int | None
    state: str


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Acts of one kind and state: how many, and how late the latest and the 99th in a hundred."""

    act: str
    state: str
    number: int
    worst: float | None
    p99: float | None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A period's proof. It holds when nothing is missing and nothing was done twice."""

    begin: datetime
    end: datetime
    sums: tuple[Sum, ...]
    lines: tuple[Line, ...]

    def count(self, *states: str) -> int:
        """Acts in these states (all when none is named)."""
        return sum(one.number for one in self.sums if not states or one.state in states)

    @property
    def holds(self) -> bool:
        """Whether each act that was due was done, once."""
        return self.count(MISSING, TWICE) == 0

    @property
    def worst(self) -> float:
        """Seconds by which the latest act was late."""
        return max((one.worst or 0.0 for one in self.sums), default=0.0)


_KEPT = """
    SELECT act, case_id, subject_id AS subject, due_at, is_over FROM act_due
    WHERE act = ANY($6::text[]) AND due_at >= $1 AND due_at < $2
"""


def _fell_due() -> str:
    """What fell due: of the clocks, and of whatever else has a moment."""
    known = [f"SELECT '{one.name}' AS act, q.* FROM ({one.fell_due}) AS q" for one in TIMED if one.fell_due]
    return " UNION ALL ".join([*known, _KEPT])


def _events() -> str:
    kinds = " ".join(f"WHEN '{one.name}' THEN '{one.event}'" for one in TIMED if one.event)
    return f"CASE f.act {kinds} END"


_ALL = f"""
    WITH f AS ({_fell_due()}),
    one AS (
        SELECT f.act, f.case_id, f.subject, f.due_at, f.is_over, d.done_at,
            d.done_at IS NULL AND f.act = ANY($5::text[]) AND EXISTS (
                SELECT FROM act_done e WHERE e.subject_id = f.subject AND e.act = f.act) AS was_moved,
            (SELECT count(*) FROM case_event e WHERE e.case_id = f.case_id AND e.kind = {_events()}
                AND e.data::jsonb ->> 'clock' = f.subject::text) AS found,
            {_events()} IS NOT NULL AS leaves_event
        FROM f LEFT JOIN act_done d ON d.subject_id = f.subject AND d.act = f.act AND d.due_at = f.due_at
        UNION ALL
        SELECT d.act, d.case_id, d.subject_id, d.due_at, false, d.done_at, d.act = ANY($5::text[]), 0, false
        FROM act_done d
        WHERE d.due_at >= $1 AND d.due_at < $2
            AND NOT EXISTS (SELECT FROM f WHERE f.subject = d.subject_id AND f.act = d.act AND f.due_at = d.due_at)
    ),
    judged AS (
        SELECT one.*, extract(epoch FROM done_at - due_at)::float8 AS late,
            CASE WHEN leaves_event AND found > 1 THEN 'twice'
                WHEN done_at IS NOT NULL AND leaves_event AND found = 0 THEN 'missing'
                WHEN was_moved THEN 'moved'
                WHEN done_at - due_at > $4::interval THEN 'late'
                WHEN done_at IS NOT NULL THEN 'done'
                WHEN is_over THEN 'over'
                WHEN due_at > $3::timestamptz - $4::interval THEN 'waiting'
                ELSE 'missing' END AS state
        FROM one
    )
"""
_SUMS = f"""{_ALL}
    SELECT act, state, count(*)::int AS number, max(late) AS worst,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY late) AS p99
    FROM judged GROUP BY act, state ORDER BY act, state
"""
_LINES = f"""{_ALL}
    SELECT j.act, coalesce(c.number, p.number, '') AS number, c.id IS NOT NULL AS is_case,
        coalesce(k.unit, o.unit, a.unit, p.unit, '') AS unit, coalesce(k.stage, a.stage, '') AS stage,
        j.subject, j.due_at, j.done_at, j.late, CASE WHEN leaves_event THEN found::int END AS events, j.state
    FROM judged j LEFT JOIN cases c ON c.id = j.case_id LEFT JOIN clock k ON k.id = j.subject
        LEFT JOIN supervision_order o ON o.id = j.subject LEFT JOIN alert a ON a.id = j.subject
        LEFT JOIN ladder_paper p ON p.id = j.subject
    WHERE $7::text = '' OR j.state = $7
    ORDER BY array_position($8::text[], j.state), j.due_at, j.subject LIMIT $9
"""


async def prove(
    connection: db.Connection, begin: datetime, end: datetime, *, state: str = "", most: int = 200
) -> Proof:
    """The proof of the period, with at most ``most`` of its acts (of one ``state``), the worst first."""
    given = await _given(connection, begin, end)
    sums = await connection.fetch(_SUMS, *given)
    lines = await connection.fetch(_LINES, *given, state, list(STATES), most)
    return Proof(
        begin=begin, end=end, sums=tuple(Sum(**row) for row in sums), lines=tuple(Line(**row) for row in lines)
    )


async def lines(connection: db.Connection, begin: datetime, end: datetime) -> AsyncIterator[Line]:
    """Every act of the period, the worst first, a few at a time."""
    given = await _given(connection, begin, end)
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(_LINES, *given, "", list(STATES), None, prefetch=500):
            yield Line(**row)


async def _given(connection: db.Connection, begin: datetime, end: datetime) -> tuple[object, ...]:
    """The period, from when acts were noted at all, and up to now."""
    now = clock.now()
    since = await connection.fetchval("SELECT at FROM sweep_mark WHERE name = 'proof'")
    begin = max(begin, since) if since is not None else begin
    known, kept = ([one.name for one in TIMED if bool(one.fell_due) is is_known] for is_known in (True, False))
    return begin, min(end, now), now, lateness.most(), known, kept
