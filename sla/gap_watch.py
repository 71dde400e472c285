"""Gaps whose article was approved are settled; those near and past their date are told of. A job, safe twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hotline import city, clock
from hotline.actor import SYSTEM
from hotline.work import Work, work
from sla import calendar, gap_lists, gaps, targets
from sla.gaps import COLUMNS, Gap

_APPROVED = """
    SELECT {} FROM knowledge_gap g
    WHERE g.state = 'drafted' AND EXISTS (
        SELECT FROM article_version v WHERE v.article_id = g.draft_id AND v.state = 'approved')
    ORDER BY g.id LIMIT 200 FOR UPDATE OF g SKIP LOCKED
""".format(", ".join(f"g.{name}" for name in Gap.__struct_fields__))
_DUE = f"""
    SELECT {COLUMNS} FROM knowledge_gap
    WHERE state IN ('open', 'drafted') AND (due_at <= $1 AND told < 1 OR due_at <= $2 AND told < 2)
    ORDER BY due_at LIMIT 200 FOR UPDATE SKIP LOCKED
"""


class Tell(Protocol):
    """Tells people of the staff; ``channels``, which the roof brings here."""

    async def __call__(self, work: Work, *, what: str, gap: Gap, to: Sequence[UUID] = ()) -> None:
        """``what``: gap_new, gap_soon, gap_late to the owner; gap_settled, gap_refused to those who asked (``to``)."""


async def watch(tell: Tell, as_of: datetime | None = None) -> int:
    """Settle and tell what is due now; how many."""
    now = as_of or clock.now()
    async with work(SYSTEM, now=now) as w:
        done = [Gap(**row) for row in await w.connection.fetch(_APPROVED)]
        for one in done:
            await ended(w, await gaps.end(w, one, "settled"), tell)
        days = float(city.current().rule("gap.remind_days"))
        soon, _ = targets.ends(calendar.of(city.current()), now, "wd", days)
        due = [Gap(**row) for row in await w.connection.fetch(_DUE, soon, now)]
        for one in due:
            is_late = one.due_at <= now
            await tell(w, what="gap_late" if is_late else "gap_soon", gap=one)
            await w.connection.execute("UPDATE knowledge_gap SET told = $2 WHERE id = $1", one.id, 2 if is_late else 1)
    return len(done) + len(due)


async def ended(w: Work, gap: Gap, tell: Tell) -> None:
    """Whoever asked is told what became of it."""
    await tell(w, what=f"gap_{gap.state}", gap=gap, to=await gap_lists.asked_by(w.connection, gap.id))
