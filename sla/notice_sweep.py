"""What time does to notices: the unit is reminded before a correction is due, an overdue one is marked and followed.

Each act is one row changed under its lock, with what is told written in the same transaction: safe twice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from cases import notice_sources, notices
from cases.notice_rows import Notice
from cases.notice_sources import HELD
from hotline import city, clock, db
from hotline.actor import SYSTEM
from hotline.errors import plain
from hotline.work import Work, work
from sla import calendar, notice_ladder, targets

log = logging.getLogger(__name__)
Tell = Callable[[Work, Notice, str], Awaitable[None]]
"""``channels.reminders_notice.tell``: this floor does not know the doors."""
_DUE = "SELECT id FROM notice WHERE chase IS NOT NULL AND chase_at <= $1 ORDER BY chase_at, id LIMIT 100"
_HELD = "SELECT id FROM notice WHERE id = $1 AND chase IS NOT NULL AND chase_at <= $2 FOR UPDATE SKIP LOCKED"
_TURNED = f"""
    SELECT n.id FROM notice n WHERE n.state IN ('published', 'corrected', 'verified', 'archived')
    AND (n.held_at IS NOT NULL) <> {HELD} ORDER BY n.id LIMIT 100
"""
_TURNED_ONE = "SELECT id FROM notice WHERE id = $1 FOR UPDATE SKIP LOCKED"


def correction_due(start: datetime) -> datetime:
    """The correction clock of rules.md 6: ten working days unless the city says otherwise."""
    snapshot = city.current()
    return targets.due(calendar.of(snapshot), "STD5", "correction", start, targets.of(snapshot)).due_at


def reply_until(start: datetime) -> datetime:
    """How long the unit may reply before a notice is approved: the city's ``notice.reply_days``."""
    snapshot = city.current()
    return calendar.of(snapshot).add_working_days(start, int(snapshot.rule("notice.reply_days"))).at


def remind_at(due: datetime) -> datetime:
    """When before a due moment the unit is reminded: ``notice.remind_days`` working days, at the close of the day."""
    days, at = calendar.of(city.current()), due
    for _ in range(int(city.current().rule("notice.remind_days"))):
        at = days.day_before(at)
    return at


def rate_until(start: datetime) -> datetime:
    """Until when those concerned may rate a correction that was verified at ``start``: ``notice.rating_days`` days."""
    return start + timedelta(days=int(city.current().rule("notice.rating_days")))


async def watch(tell: Tell, as_of: datetime | None = None) -> int:
    """Do all that is due; how many acts."""
    n = 0
    while True:
        async with db.reading() as connection:
            found = [row["id"] for row in await connection.fetch(_DUE, as_of or clock.now())]
        done = sum([await _safely(one, tell, as_of) for one in found])
        n += done
        if not done:  # nothing is due, or somebody else is at it
            return n


async def hold(tell: Tell, as_of: datetime | None = None) -> int:
    """Tell the centre of each notice that the public no longer sees, a case behind it being shielded now; how many.

    The page hides it without this. It is counted as a step, so that a copy of the feed is taken anew.
    """
    async with db.reading() as connection:
        found = [row["id"] for row in await connection.fetch(_TURNED)]
    return sum([await _turned(one, tell, as_of) for one in found])


async def _turned(notice_id: UUID, tell: Tell, as_of: datetime | None) -> int:
    async with work(SYSTEM, now=as_of) as w:
        if await w.connection.fetchval(_TURNED_ONE, notice_id) is None:
            return 0
        one = await notices.opened(w, notice_id)
        is_held = await notice_sources.is_held(w.connection, notice_id)
        if one.row.withdrawn_at is not None or is_held == (one.row.held_at is not None):
            return 0
        one.row.held_at = w.now if is_held else None
        await tell(w, one, "held" if is_held else "let_go")
        await notices.step(w, one, "held" if is_held else "let_go")
        return 1


async def _safely(notice_id: UUID, tell: Tell, as_of: datetime | None) -> int:
    try:
        return await _one(notice_id, tell, as_of)
    except db.AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one notice's trouble is not the others'; its words stay out of the log
        log.error("the sweep could not do notice %s\n%s", notice_id, plain(error))  # noqa: TRY400
        return 0


async def _one(notice_id: UUID, tell: Tell, as_of: datetime | None) -> int:
    async with work(SYSTEM, now=as_of) as w:
        if await w.connection.fetchval(_HELD, notice_id, w.now) is None:
            return 0
        one = await notices.opened(w, notice_id)
        await _act(w, one, tell)
        return 1


async def _act(work: Work, one: Notice, tell: Tell) -> None:
    """The earlier of the two that is not done: a due moment that is past skips the reminder."""
    row = one.row
    if row.due_at is None or row.state != "published":
        row.chase = row.chase_at = None
    elif work.now < row.due_at:
        row.chase, row.chase_at = "overdue", row.due_at
        await tell(work, one, "due_soon")
        await notices.step(work, one, "reminded")
    else:
        row.chase = row.chase_at = None
        row.overdue_at = work.now
        await notice_ladder.uncorrected(work, row)
        await tell(work, one, "overdue")
        await notices.step(work, one, "overdue")
