"""What the machine room watches of promises: how late the sweep is, and how far the store of figures is behind."""

from __future__ import annotations

from hotline import clock, db
from hotline.machine.signals import Reading
from sla import facts_store, lateness


async def read(connection: db.Connection) -> list[Reading]:
    """Both now, in seconds."""
    now = clock.now()
    return [
        Reading("sweep", await lateness.behind(connection, now)),
        Reading("facts", await facts_store.lag(connection, now)),
    ]
