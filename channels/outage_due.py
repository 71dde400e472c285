"""Outages past their expected end: whoever has to move or end them is told. A job, safe twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases import outages
from channels import notify_still
from hotline import clock
from hotline.actor import SYSTEM
from hotline.work import work

_LONG = timedelta(days=1)
"""So long after it passed an end is still looked at: it was told then, or the worker was away all day."""


async def watch(as_of: datetime | None = None) -> int:
    """Tell of those whose expected end has passed, once for each such end; how many there are."""
    now = as_of or clock.now()
    async with work(SYSTEM, now=now) as w:
        late = [one for one in await outages.under_way(w.connection) if one.is_late(now)]
        for one in late:
            if one.expected is not None and one.expected > now - _LONG:
                await notify_still.late(w, one)
    return len(late)
