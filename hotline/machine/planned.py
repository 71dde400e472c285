"""Planned work, announced some hours before it begins: uptime counts its minutes neither as up nor down.

Nobody can announce afterwards what went wrong, nor take back a window that has begun: others are to trust the figure.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from hotline import acts, city, clock, db
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, invalid, not_found
from hotline.ids import new_id

MOST = timedelta(hours=24)
MINUTES = 1440
"""Of a day."""
_INSERT = """
    INSERT INTO planned_window (id, begins_at, ends_at, reason, announced_at, announced_by)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_LIST = """
    SELECT w.id, w.begins_at, w.ends_at, w.reason, w.announced_at, p.name AS by_whom
    FROM planned_window w JOIN person p ON p.id = w.announced_by
    WHERE w.withdrawn_at IS NULL ORDER BY w.begins_at DESC LIMIT 50
"""


class Window(msgspec.Struct, frozen=True):
    """One announced window."""

    id: UUID
    begins_at: datetime
    ends_at: datetime
    reason: str
    announced_at: datetime
    by_whom: str

    @property
    def is_to_come(self) -> bool:
        """Whether it can still be taken back."""
        return self.begins_at > clock.now()


async def listed(connection: db.Connection) -> list[Window]:
    """The latest fifty, those to come first."""
    return [Window(**row) for row in await connection.fetch(_LIST)]


async def announce(connection: db.Connection, actor: Actor, begins: datetime, ends: datetime, reason: str) -> UUID:
    """Announce planned work. 422 when it begins before rule ``uptime.notice`` allows, lasts no time or too long."""
    if wrong := fault(begins, ends):
        raise wrong
    one = new_id()
    await connection.execute(_INSERT, one, begins, ends, reason, clock.now(), actor.id)
    await acts.note(connection, actor, "window_announced", _subject(begins, ends))
    return one


def _subject(begins: datetime, ends: datetime) -> str:
    """By its times: what a reader of the log wants to know of it."""
    return f"window:{clock.local(begins):%Y-%m-%d %H:%M} – {clock.local(ends):%m-%d %H:%M}"


def fault(begins: datetime, ends: datetime) -> Refusal | None:
    """Why nobody may announce it now."""
    hours = float(city.current().rule("uptime.notice"))
    if begins < clock.now() + timedelta(hours=max(hours, 0.1)):
        return invalid({"begins": Say(f"至少提前 {hours:g} 小时公布；已经开始的算停机。",
                                      f"Announce it {hours:g} hours ahead at least; what has begun is down.")})
    if ends <= begins:
        return invalid({"ends": Say("结束要在开始之后。", "It ends after it begins.")})
    if ends - begins > MOST:
        return invalid({"ends": Say("一次最多 24 小时，更长的分几次公布。", "24 hours at most; announce several.")})
    return None


async def withdraw(connection: db.Connection, actor: Actor, window: UUID) -> None:
    """Take back what has not begun. 404 when there is none, 409 when it has."""
    sql = "SELECT begins_at, ends_at, withdrawn_at FROM planned_window WHERE id = $1 FOR UPDATE"
    row = await connection.fetchrow(sql, window)
    if row is None:
        raise not_found()
    now = clock.now()
    if row["withdrawn_at"] is not None or row["begins_at"] <= now:
        raise conflict("window_begun", "这个维护窗口已经开始，或者已经撤回。", "It has begun, or was taken back.")
    await connection.execute("UPDATE planned_window SET withdrawn_at = $2 WHERE id = $1", window, now)
    await acts.note(connection, actor, "window_withdrawn", _subject(row["begins_at"], row["ends_at"]))


def between(first: int, end: int) -> int:
    """The minutes ``first`` to ``end - 1`` of a day as bits, its first minute the highest, as PostgreSQL has them."""
    return ((1 << max(end - first, 0)) - 1) << (MINUTES - max(end, first))


async def minutes(connection: db.Connection) -> dict[date, int]:
    """The minutes of every day that lie in an announced window."""
    rows = await connection.fetch("SELECT begins_at, ends_at FROM planned_window WHERE withdrawn_at IS NULL")
    found: dict[date, int] = {}
    for row in rows:
        begin, end = clock.local(row["begins_at"]), clock.local(row["ends_at"])
        day = begin.date()
        while day <= end.date():
            first = begin.hour * 60 + begin.minute if day == begin.date() else 0
            last = end.hour * 60 + end.minute if day == end.date() else MINUTES
            found[day] = found.get(day, 0) | between(first, last)
            day += timedelta(days=1)
    return found
