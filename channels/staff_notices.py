"""The list of what a person was told: read, marked as read; and how reminders went, for the proof."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from hotline import clock, db
from hotline.errors import Say, not_found

PAGE = 50


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice in its person's list; ``instead_of`` is the colleague they stand in for."""

    id: UUID
    kind: str
    zh: str
    en: str
    number: str | None
    instead_of: str | None
    is_critical: bool
    at: datetime
    read_at: datetime | None

    @property
    def say(self) -> Say:
        """Its words."""
        return Say(self.zh, self.en)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Messages by one door in a period: how many left, wait, failed; the latest by seconds."""

    channel: str
    sent: int
    waiting: int
    failed: int
    worst: float | None


async def unread(connection: db.Connection, person: UUID, most: int = 100) -> int:
    """How many notices the person has not read, counted up to ``most``."""
    sql = "SELECT count(*) FROM (SELECT FROM staff_notice WHERE person_id = $1 AND read_at IS NULL LIMIT $2) AS n"
    return int(await connection.fetchval(sql, person, most))


async def of_person(
    connection: db.Connection, person: UUID, *, only_unread: bool = False, before: datetime | None = None
) -> list[Notice]:
    """The person's notices, newest first, one more than a page when there are older ones."""
    rows = await connection.fetch(
        f"""SELECT n.id, n.kind, n.zh, n.en, c.number, p.name AS instead_of, n.is_critical, n.at, n.read_at
        FROM staff_notice n LEFT JOIN cases c ON c.id = n.case_id LEFT JOIN person p ON p.id = n.instead_of
        WHERE n.person_id = $1 AND ($2::timestamptz IS NULL OR n.at < $2)
            {"AND n.read_at IS NULL" if only_unread else ""}
        ORDER BY n.at DESC, n.id LIMIT {PAGE + 1}""",
        person, before,
    )  # fmt: skip
    return [Notice(**row) for row in rows]


async def open_one(connection: db.Connection, person: UUID, notice: UUID) -> str | None:
    """Mark it read and give its case's number, if it has one. 404 for another's."""
    row = await connection.fetchrow(
        "UPDATE staff_notice n SET read_at = coalesce(read_at, $3) WHERE id = $1 AND person_id = $2 "
        "RETURNING (SELECT number FROM cases WHERE id = n.case_id) AS number",
        notice, person, clock.now(),
    )  # fmt: skip
    if row is None:
        raise not_found()
    number: str | None = row["number"]
    return number


async def read_all(connection: db.Connection, person: UUID, until: datetime) -> int:
    """Mark all of a person's as read that they were shown; how many there were. What came after stays unread."""
    done = await connection.fetch(
        "UPDATE staff_notice SET read_at = $3 WHERE person_id = $1 AND read_at IS NULL AND at <= $2 RETURNING 1",
        person, until, clock.now(),
    )  # fmt: skip
    return len(done)


async def sent(connection: db.Connection, begin: datetime, end: datetime) -> list[Sent]:
    """By door what became of the messages that were permitted in the period; late is counted from that hour."""
    rows = await connection.fetch(
        """SELECT o.channel, count(*) FILTER (WHERE o.sent_at IS NOT NULL)::int AS sent,
            count(*) FILTER (WHERE o.sent_at IS NULL AND o.state = 'queued')::int AS waiting,
            count(*) FILTER (WHERE o.state IN ('failed', 'dropped'))::int AS failed,
            max(extract(epoch FROM o.sent_at - n.permitted_at))::float8 AS worst
        FROM staff_notice n JOIN outbox_message o ON o.key IN (n.key || ':sms', n.key || ':wechat', n.key || ':email')
        WHERE n.permitted_at >= $1 AND n.permitted_at < $2 GROUP BY o.channel ORDER BY o.channel""",
        begin, end,
    )  # fmt: skip
    return [Sent(**row) for row in rows]


async def counts(connection: db.Connection, begin: datetime, end: datetime) -> tuple[int, int]:
    """Notices written in the period, and reminders for which nobody could be found."""
    return (
        int(await connection.fetchval("SELECT count(*) FROM staff_notice WHERE at >= $1 AND at < $2", begin, end)),
        int(await connection.fetchval("SELECT count(*) FROM unheard WHERE at >= $1 AND at < $2", begin, end)),
    )
