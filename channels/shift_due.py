"""What falls due in a shift: ends of refusals and surges, their reminders, help that nobody needs any more."""

from __future__ import annotations

from channels import helping, refused, reminders_shift, surge
from hotline import clock
from hotline.actor import SYSTEM
from hotline.work import Work, work

_REVIEWS = """
UPDATE refused_number SET review_told_at = $2 WHERE state = 'refused' AND review_on <= $1 AND review_told_at IS NULL
RETURNING id, review_on
"""


async def sweep() -> int:
    """All that is due as of now; how much. Safe twice."""
    async with work(SYSTEM) as w:
        ended = await surge.end_due(w.connection)
        done = await refused.end_due(w.connection) + await refused.forget(w.connection)
        done += await helping.sweep(w.connection) + await _tell_reviews(w) + int(ended)
        if (near := await surge.to_remind(w.connection)) is not None:
            await reminders_shift.surge_ends(w, near)
            done += 1
    if done:
        await surge.tell()
    return done


async def _tell_reviews(w: Work) -> int:
    rows = await w.connection.fetch(_REVIEWS, clock.today(), w.now)
    for row in rows:
        await reminders_shift.to_review(w, row["id"], str(row["review_on"]))
    return len(rows)
