"""列入计划: a result that is a plan is visited when the plan is looked at again, on the date that the city approved."""

from __future__ import annotations

from datetime import datetime

from cases.file import CaseFile
from hotline.work import Work

_REVIEW = """
    SELECT (data::jsonb ->> 'review')::timestamptz FROM case_event
    WHERE case_id = $1 AND kind = 'suspended' AND data::jsonb ->> 'assignment' = $2 ORDER BY seq DESC LIMIT 1
"""


def is_plan(file: CaseFile) -> bool:
    """Whether the result is a plan: its visit belongs to the day on which the plan is looked at again."""
    return file.lead is not None and file.lead.result == "planned"


async def visit_from(work: Work, file: CaseFile) -> datetime:
    """When the visits of a result that was just audited may begin: now, or at the review date of its suspension.

    The date is the last that the city approved for this share (挂账), also when the share was resumed since.
    """
    if file.lead is None or not is_plan(file):
        return work.now
    review: datetime | None = await work.connection.fetchval(_REVIEW, file.case.id, str(file.lead.id))
    return max(review or work.now, work.now)
