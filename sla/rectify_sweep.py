"""What time does to bad ratings that wait to be put right: the centre is told before the limit and once it has passed.

One row under its lock with its notices in the same transaction: safe twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from cases import rectify
from hotline import city, clock
from hotline.actor import SYSTEM
from hotline.errors import Say
from hotline.work import Work, work
from sla import calendar

BATCH = 50
Tell = Callable[..., Awaitable[None]]
"""``channels.reminders.remind``: this floor does not know the doors."""
SOON, LATE = "callback", "supervisor"
"""Who is told before the limit, and who as well once it has passed."""
_DUE = f"""
    SELECT x.id, r.receipt_no FROM rectification x JOIN request r ON r.id = x.request_id
    WHERE x.ended_at IS NULL AND x.late_at IS NULL AND (x.due_at <= $1 OR (x.warned_at IS NULL AND x.due_at <= $2))
    ORDER BY x.due_at, x.id LIMIT {BATCH} FOR UPDATE OF x SKIP LOCKED
"""


async def sweep(tell: Tell) -> int:
    """Tell all that is due now; how many ratings."""
    n = 0
    while done := await _batch(tell):
        n += done
    return n


async def _batch(tell: Tell) -> int:
    async with work(SYSTEM) as w:
        rows = await w.connection.fetch(_DUE, w.now, _warned(w.now))
        for found in rows:
            row = await rectify.opened(w, found["id"])
            await _tell(w, row, found["receipt_no"], tell)
    return len(rows)


def _warned(now: datetime) -> datetime:
    """Limits up to this moment are near: the city's working days ahead (rule ``rating.warn``)."""
    return calendar.of(city.current()).add_working_days(now, int(city.current().rule("rating.warn"))).at


async def _tell(w: Work, row: rectify.RectificationRow, number: str, tell: Tell) -> None:
    at = clock.local(row.due_at)
    if row.due_at > w.now:
        row.warned_at = w.now
        kind, to = "rectify_soon", [SOON]
        text = Say(f"{number}不满意评价待核实，{at:%m-%d %H:%M}到期",
                   f"{number}: rated dissatisfied, to be looked into by {at:%m-%d %H:%M}")  # fmt: skip
    else:
        row.warned_at, row.late_at = row.warned_at or w.now, w.now
        kind, to = "rectify_late", [SOON, LATE]
        text = Say(f"{number}不满意评价核实已超期（{at:%m-%d %H:%M}）",
                   f"{number}: overdue since {at:%m-%d %H:%M} to look into a bad rating")  # fmt: skip
    for role in to:
        await tell(w, unit="", kind=kind, case=None, text=text, to=role, key=f"{kind}:{row.id}:{role}")
