"""Everything that is watched, gathered from the floors below: for the round, the operations page and /metrics."""

from __future__ import annotations

from channels import gauges as doors
from hotline import db
from hotline.machine import measures
from hotline.machine.signals import Reading
from sla import gauges as promises


async def measured() -> list[Reading]:
    """Every signal's value now."""
    async with db.reading() as connection:
        return [*await measures.read(connection), *await promises.read(connection), *await doors.read(connection)]
