"""The worker's jobs for answers: who called about an outage is told that it is over; gaps in the knowledge are watched."""

from __future__ import annotations

from typing import Any

from cases import outage_telling
from channels import reminders_gap
from sla import gap_watch


async def tell_outages(_: dict[str, Any]) -> int:
    """Everybody who waits to hear that an outage is over is told, once."""
    return await outage_telling.deliver()


async def watch_gaps(_: dict[str, Any]) -> int:
    """Gaps whose article was approved are settled; owners hear of dates that are near or past."""
    return await gap_watch.watch(reminders_gap.tell)
